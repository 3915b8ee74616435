import type { HedgeRequest, Steered } from '../call.js';
import type { HedgeInfo, IneligibleReason, SuppressionReason } from '../info.js';

/**
 * How an attempt ended. `won`: its outcome was returned. `failed`: an error or an unacceptable response. `cancelled`: aborted
 * because another attempt won or the caller gave up. `discarded`: it finished after the call had been settled. `shed`: its server did not work on it, because it is a hedge.
 */
export type AttemptOutcome = 'won' | 'failed' | 'cancelled' | 'discarded' | 'shed';

/** What an observer sees of a call. */
export interface CallView {
  readonly request: HedgeRequest;
  /** The route key that shares a latency distribution. */
  readonly key: string;
  /** The origin that shares a budget. */
  readonly origin: string;
}

/** What an observer sees of an attempt. Fields below `steered` are set when it has ended. */
export interface AttemptView {
  /** 0 is the primary. */
  readonly number: number;
  readonly isHedge: boolean;
  /** Milliseconds between the start of the call and the start of this attempt. */
  readonly delayMs: number;
  /** Where it goes, if not to the request's own URL. */
  readonly steered?: Steered | undefined;
  readonly outcome: AttemptOutcome | undefined;
  /** Milliseconds from the attempt's start to its end. */
  readonly durationMs: number | undefined;
  readonly status: number | undefined;
  /** What it rejected with, if it did. */
  readonly error: unknown;
  /** Whether `timeoutMs` ended it. */
  readonly timedOut: boolean;
}

/** What an observer adds to the start of an attempt. */
export interface AttemptScope {
  /** Headers to send with the attempt's request (trace context). */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Runs the start of the attempt, for example inside a tracing context. Must call `start` once and return its result. */
  readonly run?: (<R>(start: () => R) => R) | undefined;
}

/** Watches one call. Every member is optional; a throw is reported and never disturbs the call. */
export interface CallObserver {
  /** Just before an attempt starts. */
  readonly onAttempt?: (attempt: AttemptView) => AttemptScope | undefined;
  /** When an attempt's outcome is known; once per attempt, possibly after `onEnd` for a drained loser. */
  readonly onAttemptEnd?: (attempt: AttemptView) => void;
  /** A hedge was due and was not sent. */
  readonly onSuppressed?: (reason: SuppressionReason) => void;
  /** The call is settled: `error` is what it rejects with, `settled.ok` is false only if no attempt was acceptable. */
  readonly onEnd?: (info: HedgeInfo, end: CallEnd) => void;
}

/** How a call ended. */
export interface CallEnd {
  /** `won`: an attempt won. `failed`: none was acceptable. `cancelled`: the caller gave up. `timeout`: `timeoutMs` passed. */
  readonly kind: 'won' | 'failed' | 'cancelled' | 'timeout';
  readonly status: number | undefined;
  readonly error: unknown;
}

/** Watches a Hedger, for telemetry. Attach with {@link Hedger.observe}. */
export interface HedgeObserver {
  /** An eligible call begins, in the caller's own asynchronous context. Return what watches it. */
  readonly onCall?: (call: CallView) => CallObserver | undefined;
  /** A call was not eligible and went through the client's own path. */
  readonly onBypass?: (request: HedgeRequest, reason: IneligibleReason) => void;
}
