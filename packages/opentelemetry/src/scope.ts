import { context, propagation, type Context } from '@opentelemetry/api';
import type { AttemptScope } from '@hedgerow/core';

/** Where an attempt runs, and what it sends. */
export class Scope implements AttemptScope {
  readonly #running: Context;
  readonly #propagated: Context | undefined;

  constructor(running: Context, propagated: Context | undefined) {
    this.#running = running;
    this.#propagated = propagated;
  }

  /** Asked for once. A propagator that throws costs the attempt no more than its headers. */
  get headers(): Record<string, string> | undefined {
    return this.#propagated && propagationHeaders(this.#propagated);
  }

  run<R>(start: () => R): R {
    return context.with(this.#running, start);
  }
}

/** The headers of the global propagator, `traceparent` for one; `undefined` if it has none. */
function propagationHeaders(of: Context): Record<string, string> | undefined {
  const headers: Record<string, string> = {};
  propagation.inject(of, headers);
  return Object.keys(headers).length === 0 ? undefined : headers;
}
