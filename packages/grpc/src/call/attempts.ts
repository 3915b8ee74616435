import type { Metadata, status } from '@grpc/grpc-js';
import { type InterceptorOptions, type NextCall, type StatusObject } from '@grpc/grpc-js';
import type { AttemptContext } from '@hedgerow/core';
import { CallerAbort, PREVIOUS_ATTEMPTS, type Resets } from '@hedgerow/core/adapter';
import { GrpcAttempt, type AttemptHost } from '../attempt/attempt.js';
import type { WireCall } from '../request/describe.js';

/** Flags of a message, and who waits for it to be written. */
export type MessageContext = Parameters<WireCall['sendMessageWithContext']>[0];

/** What all copies of a call have in common. */
export interface AttemptSetup {
  readonly options: InterceptorOptions;
  readonly nextCall: NextCall;
  /** The call that was made before anything was known; not started yet. */
  readonly primary: WireCall;
  readonly metadata: Metadata;
  readonly context: MessageContext;
  readonly message: unknown;
  readonly nonFatal: ReadonlySet<number>;
  readonly resets: Resets;
}

/** The attempts of one call. */
export class Attempts implements AttemptHost {
  readonly isStream: boolean;
  readonly signal: CallerAbort = new CallerAbort();
  /** What starting or cancelling the primary threw: the caller's own mistake, or that of an interceptor of theirs. */
  thrown: { readonly error: unknown } | undefined = undefined;
  private readonly setup: AttemptSetup;
  /** As the caller gave it: interceptors may write into what they get. */
  private readonly metadata: Metadata;
  private readonly attempts: GrpcAttempt[] = [];
  private isHalfClosed = false;

  constructor(setup: AttemptSetup) {
    this.setup = setup;
    this.isStream = setup.options.method_definition.responseStream;
    this.metadata = setup.metadata.clone();
  }

  /** Starts one attempt. Its deadline is the call's own, which is a point in time. */
  start(context: AttemptContext): Promise<GrpcAttempt> {
    const { primary, nextCall, options, message } = this.setup;
    let attempt: GrpcAttempt | undefined;
    try {
      const call = context.isHedge ? nextCall(options) : primary;
      attempt = new GrpcAttempt(call, context, this);
      this.follow(attempt, context);
      call.start(this.metadataFor(context), attempt);
      if (this.isStream) call.startRead();
      call.sendMessageWithContext(this.contextFor(context), message);
      if (this.isHalfClosed) call.halfClose();
      this.attempts.push(attempt);
      return attempt.outcome;
    } catch (error) {
      if (context.isHedge) attempt?.fail(error);
      else this.thrown = { error };
      attempt?.outcome.catch(() => undefined);
      throw error;
    }
  }

  private follow(attempt: GrpcAttempt, context: AttemptContext): void {
    context.onAbort(() => (this.signal.aborted ? this.giveUp(attempt) : this.lose(attempt)));
  }

  /** Nothing more will be sent. What an interceptor throws at that is the caller's to know if it is the primary's. */
  halfClose(): void {
    this.isHalfClosed = true;
    for (const attempt of this.attempts) {
      if (!attempt.isHedge) attempt.call.halfClose();
      else this.halfCloseHedge(attempt);
    }
  }

  private halfCloseHedge(attempt: GrpcAttempt): void {
    try {
      attempt.call.halfClose();
    } catch (error) {
      attempt.fail(error);
    }
  }

  /** The attempt that ended like this. */
  endedWith(end: unknown): GrpcAttempt | undefined {
    return this.attempts.find(({ failure }) => failure !== undefined && failure === end);
  }

  isFatal(code: status): boolean {
    return !this.setup.nonFatal.has(code);
  }

  /** The deadline is the call's: no attempt outlives it, not even where a service config gives each of them a new one. */
  onDeadline(reached: StatusObject): void {
    this.signal.abort({ ...reached, name: 'TimeoutError' });
  }

  /** Cancels a loser when its connection bears it. */
  lose(attempt: GrpcAttempt): void {
    if (!attempt.hasEnded) this.setup.resets.cancel(attempt.call.getPeer(), attempt);
    attempt.lose();
  }

  /**
   * The caller has given the call up. Its primary, or what he hears, is cancelled at once, as it would be without copies; these are not
   * worth the connection.
   */
  giveUp(attempt: GrpcAttempt): void {
    const reason = this.signal.reason as StatusObject;
    attempt.endWith(reason);
    if (attempt.isHedge && !attempt.isHeard) return this.lose(attempt);
    if (!attempt.hasEnded) this.setup.resets.spend(attempt.call.getPeer());
    if (attempt.isHedge) return attempt.cancel();
    try {
      attempt.call.cancelWithStatus(reason.code, reason.details);
    } catch (error) {
      this.thrown = { error };
    }
  }

  private metadataFor({ isHedge, number, headers }: AttemptContext): Metadata {
    if (!isHedge && headers === undefined) return this.setup.metadata;
    const metadata = this.metadata.clone();
    for (const [name, value] of Object.entries(headers ?? {})) metadata.set(name, value);
    if (isHedge) metadata.set(PREVIOUS_ATTEMPTS, String(number));
    return metadata;
  }

  private contextFor({ isHedge }: AttemptContext): MessageContext {
    const { context } = this.setup;
    if (!isHedge) return context;
    return context.flags === undefined ? {} : { flags: context.flags };
  }
}
