import { Hedger, type AttemptContext, type HedgeCall, type HedgeOptions, type HedgerOptions } from '@hedgerow/core';
import { instrumentHedger, type TelemetryOptions } from '@hedgerow/opentelemetry';
import { context, trace, type Context } from '@opentelemetry/api';

/** What attempts resolve to. */
export interface Answer {
  readonly status: number;
}

/** An attempt that stays out until the test ends it, or it is aborted. */
export interface HeldAttempt {
  readonly attempt: AttemptContext;
  /** The active context of its start. */
  readonly context: Context;
  answer(status?: number): void;
  fail(error: unknown): void;
}

/** A call whose attempts are held. */
export interface HeldCall {
  readonly attempts: readonly HeldAttempt[];
  /** The n-th attempt. Fails if it has not started. */
  attempt(number: number): HeldAttempt;
  /** How the call ended; never rejects. */
  readonly end: Promise<unknown>;
}

export const URL_OF_CALLS = 'http://api.test/users/42?page=1';

/** A Hedger whose first hedge leaves at once, without a budget, with telemetry. */
export function hedgerWith(options: HedgerOptions = {}, telemetry?: TelemetryOptions): Hedger {
  const hedger = new Hedger({ delay: 0, budget: false, ...options });
  instrumentHedger(hedger, telemetry);
  return hedger;
}

/** Starts a call whose attempts the test ends. */
export function hold(
  hedger: Hedger,
  request: { readonly url?: string; readonly method?: string } = {},
  options: { readonly signal?: AbortSignal; readonly hedge?: HedgeOptions } = {},
): HeldCall {
  const attempts: HeldAttempt[] = [];
  const call: HedgeCall<Answer> = {
    request: { method: 'GET', url: URL_OF_CALLS, ...request },
    signal: options.signal,
    statusOf: (settled) => (settled.ok ? settled.value.status : undefined),
    start: (attempt) =>
      new Promise((resolve, reject) => {
        attempt.signal.addEventListener('abort', () => reject(attempt.signal.reason));
        attempts.push({ attempt, context: context.active(), answer: (status = 200) => resolve({ status }), fail: reject });
      }),
  };
  const end = hedger.run(call, options.hedge).catch((error: unknown) => error);
  return {
    attempts,
    attempt(number) {
      const held = attempts[number];
      if (!held) throw new Error(`attempt ${number} has not started`);
      return held;
    },
    end,
  };
}

/** Runs `body` as the caller would, inside a span of its own; returns the span's id and what `body` returned. */
export function insideSpan<R>(body: () => R): { readonly id: string; readonly traceId: string; readonly result: R } {
  return trace.getTracer('application').startActiveSpan('application', (span) => {
    const result = body();
    span.end();
    return { id: span.spanContext().spanId, traceId: span.spanContext().traceId, result };
  });
}

/** Lets everything that is ready run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
