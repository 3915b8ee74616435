import { createContextKey, type Context } from '@opentelemetry/api';

/** The SDK's own key; `createContextKey` is a `Symbol.for`, so no dependency on the SDK is needed. */
const SUPPRESS_TRACING: symbol = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** The same context, in which no instrumentation makes spans or injects headers. */
export function suppressed(context: Context): Context {
  return context.setValue(SUPPRESS_TRACING, true);
}

/**
 * The context that an attempt runs in, which turns into the caller's when the attempt ends.
 *
 * A socket or a response stream keeps the asynchronous context it was made in. Without this, the listeners that a caller adds to
 * a streamed body would run with tracing suppressed for ever, and their own requests would leave no span.
 */
export class AttemptContext implements Context {
  #current: Context;
  readonly #caller: Context;

  constructor(attempt: Context, caller: Context) {
    this.#current = attempt;
    this.#caller = caller;
  }

  /** The attempt has ended. */
  release(): void {
    this.#current = this.#caller;
  }

  getValue(key: symbol): unknown {
    return this.#current.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return this.#current.setValue(key, value);
  }

  deleteValue(key: symbol): Context {
    return this.#current.deleteValue(key);
  }
}
