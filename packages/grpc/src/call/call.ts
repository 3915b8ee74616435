import {
  InterceptingCall,
  Metadata,
  status,
  type InterceptingListener,
  type InterceptorOptions,
  type NextCall,
  type StatusObject,
} from '@grpc/grpc-js';
import { hedgeInfo, type Hedger, type HedgeRequest, type IneligibleReason, type RaceUntil, type RemoteProcedure } from '@hedgerow/core';
import { attachInfo, bypassInfo } from '@hedgerow/core/adapter';
import { GrpcAttempt } from '../attempt/attempt.js';
import { BufferedListener } from '../caller/buffered-listener.js';
import { bound, completed, informed } from '../caller/listener.js';
import type { ResolvedCallOptions } from '../options.js';
import { describeRequest, originOf, type MethodDefinition, type WireCall } from '../request/describe.js';
import { serializeOnce } from '../request/message.js';
import { firstValue } from '../request/metadata.js';
import type { GrpcAnswer } from '../response/answer.js';
import { pushbackMs } from '../response/pushback.js';
import { copyOfStatus, plainStatus, statusFrom } from '../response/status.js';
import { timeoutError } from '../timeout.js';
import { Attempts, type MessageContext } from './attempts.js';

/** A call that may be hedged, before it has begun. */
export interface CallSetup {
  readonly hedger: Hedger;
  readonly hedgeOptions: ResolvedCallOptions;
  readonly procedure: RemoteProcedure;
  readonly options: InterceptorOptions;
  readonly nextCall: NextCall;
  /** `nextCall(options)`, not started. */
  readonly primary: WireCall;
}

/**
 * One call to its caller, several attempts to the interceptors and the channel behind it. It begins with its only message; from
 * then on it is either raced or, if it turns out not to be eligible, passed through to the primary.
 */
export class GrpcCall extends InterceptingCall {
  readonly #setup: CallSetup;
  #metadata: Metadata | undefined;
  #listener: InterceptingListener = completed(undefined);
  /** Whether the caller waits for a message. */
  #wantsMessage = false;
  #attempts: Attempts | undefined;
  #isPassedThrough = false;
  /** The attempt that the caller hears, once decided. */
  #heard: GrpcAttempt | undefined;
  #buffered: BufferedListener | undefined;

  constructor(setup: CallSetup) {
    super(setup.primary);
    this.#setup = setup;
  }

  override start(metadata: Metadata, listener?: Partial<InterceptingListener>): void {
    this.#metadata = metadata;
    this.#listener = bound(completed(listener));
  }

  override sendMessage(message: unknown): void {
    this.sendMessageWithContext({}, message);
  }

  override sendMessageWithContext(context: MessageContext, message: unknown): void {
    if (this.#attempts === undefined && !this.#isPassedThrough && this.#metadata !== undefined) {
      this.#begin(this.#metadata, context, message);
    } else {
      this.#setup.primary.sendMessageWithContext(context, message);
    }
  }

  override halfClose(): void {
    if (this.#attempts !== undefined) return this.#attempts.halfClose();
    this.#passThrough();
    this.#setup.primary.halfClose();
  }

  override startRead(): void {
    if (this.#isPassedThrough) return this.#setup.primary.startRead();
    if (this.#heard === undefined) this.#wantsMessage = true;
    else if (this.#buffered?.release() !== true) this.#heard.call.startRead();
  }

  override cancelWithStatus(code: status, details: string): void {
    const given: StatusObject = { code, details, metadata: new Metadata() };
    if (this.#heard !== undefined) {
      this.#buffered?.cancel(this.#heard.hasEnded ? given : undefined);
      return this.#heard.call.cancelWithStatus(code, details);
    }
    if (this.#attempts !== undefined) return this.#giveUp(this.#attempts, copyOfStatus(given));
    this.#passThrough();
    this.#setup.primary.cancelWithStatus(code, details);
  }

  override getPeer(): string {
    return (this.#heard?.call ?? this.#setup.primary).getPeer();
  }

  /** @throws what an interceptor of the primary throws, as without hedging. */
  #giveUp(attempts: Attempts, reason: StatusObject): void {
    attempts.signal.abort(reason);
    const { thrown } = attempts;
    attempts.thrown = undefined; // the call ends all the same
    if (thrown !== undefined) throw thrown.error;
  }

  #begin(metadata: Metadata, context: MessageContext, message: unknown): void {
    const { hedger, hedgeOptions, procedure, options, nextCall, primary } = this.#setup;
    const definition = options.method_definition;
    const sent = serializeOnce(definition, message);
    const body = { replayable: sent.length !== undefined, bytes: sent.length };
    const request = describeRequest(procedure, originOf(primary), metadata, body);
    const attempts = new Attempts({ options, nextCall, primary, metadata, context, message, nonFatal: hedgeOptions.nonFatal, resets: hedger.resets });
    const outcome = hedger.run<GrpcAttempt | undefined>(
      {
        request,
        raceUntil: raceUntil(definition),
        signal: attempts.signal,
        bypass: (reason) => this.#bypass(request, reason, context, message),
        start: (attempt) => attempts.start(attempt),
        statusOf: (settled) => (settled.ok ? (settled.value?.status?.code ?? status.OK) : statusFrom(settled.error).code),
        headerOf: (settled, name) => headerOf(settled.ok ? settled.value : { status: statusFrom(settled.error) }, name),
        pushbackMsOf: (settled) => (settled.ok ? undefined : pushbackMs(statusFrom(settled.error))),
        discard: (settled) => (settled.ok && settled.value !== undefined ? attempts.lose(settled.value) : undefined),
        timeoutError: timeoutError,
      },
      hedgeOptions.core,
    );
    const settle = (end: unknown): void => {
      sent.forget();
      // As grpc-js does it: what a listener throws is an uncaught exception, not the rejection of a promise.
      if (end !== undefined && attempts.thrown === undefined) process.nextTick(() => this.#deliver(attempts, end));
    };
    outcome.then(settle, settle);
    if (attempts.thrown !== undefined) throw attempts.thrown.error;
    if (!this.#isPassedThrough) this.#attempts = attempts;
  }

  /** Lets the caller hear the attempt that decided the call. */
  #deliver(attempts: Attempts, end: unknown): void {
    const info = hedgeInfo(end);
    if (info !== undefined) attachInfo(this, info);
    const listener = informed(this.#listener, this, () => info);
    const attempt = end instanceof GrpcAttempt ? end : attempts.endedWith(end);
    if (attempt === undefined) return listener.onReceiveStatus(plainStatus(statusFrom(end)));
    this.#heard = attempt;
    if (attempts.isStream) this.#buffered = new BufferedListener(listener, this.#wantsMessage);
    // Given up since it was decided.
    if (attempts.signal.aborted) this.#buffered?.cancel(attempt.hasEnded ? plainStatus(attempts.signal.reason as StatusObject) : undefined);
    attempt.follow(this.#buffered ?? listener);
    if (attempts.signal.aborted) attempts.giveUp(attempt);
  }

  /** Not eligible after all: once and untouched, but for saying so. */
  #bypass(request: HedgeRequest, reason: IneligibleReason, context: MessageContext, message: unknown): Promise<undefined> {
    const { clock } = this.#setup.hedger;
    const startedAtMs = clock.now();
    const until = raceUntil(this.#setup.options.method_definition);
    return new Promise((resolve) => {
      this.#listener = informed(this.#listener, this, () => {
        resolve(undefined);
        return bypassInfo(request, until, reason, clock.now() - startedAtMs);
      });
      this.#passThrough();
      this.#setup.primary.sendMessageWithContext(context, message);
    });
  }

  /** From here on the primary is all there is to the call. */
  #passThrough(): void {
    if (this.#isPassedThrough) return;
    this.#isPassedThrough = true;
    if (this.#metadata === undefined) return;
    this.#setup.primary.start(this.#metadata, this.#listener);
    if (this.#wantsMessage) this.#setup.primary.startRead();
  }
}

/** What is raced: a stream is won by its first message, a single answer by the status behind it. */
export function raceUntil({ responseStream }: MethodDefinition): RaceUntil {
  return responseStream ? 'firstChunk' : 'body';
}

function headerOf(answer: Partial<GrpcAnswer> | undefined, name: string): string | undefined {
  return firstValue(answer?.metadata, name) ?? firstValue(answer?.status?.metadata, name);
}
