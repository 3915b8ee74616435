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
import type { GrpcAnswer } from './answer.js';
import { copyOf, GrpcAttempt } from './attempt.js';
import { Copies, type MessageContext } from './copies.js';
import { Gate } from './gate.js';
import { bound, completed, informed } from './listener.js';
import type { CallSettings } from './options.js';
import { pushbackMs } from './pushback.js';
import { describeCall, firstValue, originOf, type MethodDefinition, type WireCall } from './request.js';
import { serializeOnce } from './serialized.js';

/** A call that may be hedged, before it has begun. */
export interface HedgedCallSetup {
  readonly hedger: Hedger;
  readonly settings: CallSettings;
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
export class HedgedCall extends InterceptingCall {
  readonly #setup: HedgedCallSetup;
  #metadata: Metadata | undefined;
  #listener: InterceptingListener = completed(undefined);
  /** Whether the caller waits for a message. */
  #wantsMessage = false;
  #copies: Copies | undefined;
  #isPassedThrough = false;
  /** The attempt that the caller hears, once decided. */
  #heard: GrpcAttempt | undefined;
  #gate: Gate | undefined;

  constructor(setup: HedgedCallSetup) {
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
    if (this.#copies === undefined && !this.#isPassedThrough && this.#metadata !== undefined) {
      this.#begin(this.#metadata, context, message);
    } else {
      this.#setup.primary.sendMessageWithContext(context, message);
    }
  }

  override halfClose(): void {
    if (this.#copies !== undefined) return this.#copies.halfClose();
    this.#passThrough();
    this.#setup.primary.halfClose();
  }

  override startRead(): void {
    if (this.#isPassedThrough) return this.#setup.primary.startRead();
    if (this.#heard === undefined) this.#wantsMessage = true;
    else if (this.#gate?.release() !== true) this.#heard.call.startRead();
  }

  override cancelWithStatus(code: status, details: string): void {
    const given: StatusObject = { code, details, metadata: new Metadata() };
    if (this.#heard !== undefined) {
      this.#gate?.cancel(this.#heard.hasEnded ? given : undefined);
      return this.#heard.call.cancelWithStatus(code, details);
    }
    if (this.#copies !== undefined) return this.#giveUp(this.#copies, copyOf(given));
    this.#passThrough();
    this.#setup.primary.cancelWithStatus(code, details);
  }

  override getPeer(): string {
    return (this.#heard?.call ?? this.#setup.primary).getPeer();
  }

  /** @throws what an interceptor of the primary throws, as without hedging. */
  #giveUp(copies: Copies, reason: StatusObject): void {
    copies.signal.abort(reason);
    const { thrown } = copies;
    copies.thrown = undefined; // the call ends all the same
    if (thrown !== undefined) throw thrown.error;
  }

  #begin(metadata: Metadata, context: MessageContext, message: unknown): void {
    const { hedger, settings, procedure, options, nextCall, primary } = this.#setup;
    const definition = options.method_definition;
    const sent = serializeOnce(definition, message);
    const body = { replayable: sent.length !== undefined, bytes: sent.length };
    const request = describeCall(procedure, originOf(primary), metadata, body);
    const copies = new Copies({ options, nextCall, primary, metadata, context, message, nonFatal: settings.nonFatal, resets: hedger.resets });
    const outcome = hedger.run<GrpcAttempt | undefined>(
      {
        request,
        raceUntil: raceUntil(definition),
        signal: copies.signal,
        bypass: (reason) => this.#bypass(request, reason, context, message),
        start: (attempt) => copies.start(attempt),
        statusOf: (settled) => (settled.ok ? (settled.value?.status?.code ?? status.OK) : statusFrom(settled.error).code),
        headerOf: (settled, name) => headerOf(settled.ok ? settled.value : { status: statusFrom(settled.error) }, name),
        pushbackMsOf: (settled) => (settled.ok ? undefined : pushbackMs(statusFrom(settled.error))),
        discard: (settled) => (settled.ok && settled.value !== undefined ? copies.lose(settled.value) : undefined),
        timeoutError: outOfTime,
      },
      settings.core,
    );
    const settle = (end: unknown): void => {
      sent.forget();
      // As grpc-js does it: what a listener throws is an uncaught exception, not the rejection of a promise.
      if (end !== undefined && copies.thrown === undefined) process.nextTick(() => this.#deliver(copies, end));
    };
    outcome.then(settle, settle);
    if (copies.thrown !== undefined) throw copies.thrown.error;
    if (!this.#isPassedThrough) this.#copies = copies;
  }

  /** Lets the caller hear the attempt that decided the call. */
  #deliver(copies: Copies, end: unknown): void {
    const info = hedgeInfo(end);
    if (info !== undefined) attachInfo(this, info);
    const listener = informed(this.#listener, this, () => info);
    const attempt = end instanceof GrpcAttempt ? end : copies.endedWith(end);
    if (attempt === undefined) return listener.onReceiveStatus(plainStatus(statusFrom(end)));
    this.#heard = attempt;
    if (copies.isStream) this.#gate = new Gate(listener, this.#wantsMessage);
    // Given up since it was decided.
    if (copies.signal.aborted) this.#gate?.cancel(attempt.hasEnded ? plainStatus(copies.signal.reason as StatusObject) : undefined);
    attempt.follow(this.#gate ?? listener);
    if (copies.signal.aborted) copies.giveUp(attempt);
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

/** Of a status of our own what the caller is to see of it. */
function plainStatus({ code, details, metadata }: StatusObject): StatusObject {
  return { code, details, metadata };
}

function outOfTime(timeoutMs: number): StatusObject {
  return copyOf({ code: status.DEADLINE_EXCEEDED, details: `No acceptable answer within ${timeoutMs} ms`, metadata: new Metadata() });
}

/** What an attempt rejected with: a status, or what starting it threw. */
function statusFrom(error: unknown): StatusObject {
  if (isStatus(error)) return error;
  return { code: status.INTERNAL, details: error instanceof Error ? error.message : String(error), metadata: new Metadata() };
}

/** Interceptors may leave out all but the code. */
function isStatus(value: unknown): value is StatusObject {
  return typeof value === 'object' && value !== null && !(value instanceof Error) && 'code' in value;
}
