import { createContextKey, type Context } from '@opentelemetry/api';

/** The SDK's own key; `createContextKey` is a `Symbol.for`, so no dependency on the SDK is needed. */
const SUPPRESS_TRACING: symbol = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/**
 * The context that an attempt runs in, which turns into the caller's when the attempt ends.
 *
 * A socket or a response stream keeps the asynchronous context it was made in. Without this, the listeners that a caller adds to
 * a streamed body would run with tracing suppressed for ever, and their own requests would leave no span. What is derived from it,
 * as instrumentation does, follows.
 */
export class AttemptContext implements Context {
  #current: Context;
  #suppresses: boolean;
  readonly #caller: Context;

  /** @param tracing - `'suppressed'`: no instrumentation makes spans or injects headers for the attempt. */
  constructor(attempt: Context, caller: Context, tracing: 'suppressed' | 'traced') {
    this.#current = attempt;
    this.#suppresses = tracing === 'suppressed';
    this.#caller = caller;
  }

  /** The attempt has ended. */
  release(): void {
    this.#current = this.#caller;
    this.#suppresses = false;
  }

  getValue(key: symbol): unknown {
    return this.#suppresses && key === SUPPRESS_TRACING ? true : this.#current.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new Layer(this, key, value);
  }

  deleteValue(key: symbol): Context {
    return new Layer(this, key, undefined);
  }
}

/** One value on top of a context, which may still change below it. */
class Layer implements Context {
  readonly #below: Context;
  readonly #key: symbol;
  readonly #value: unknown;

  constructor(below: Context, key: symbol, value: unknown) {
    this.#below = below;
    this.#key = key;
    this.#value = value;
  }

  getValue(key: symbol): unknown {
    return key === this.#key ? this.#value : this.#below.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new Layer(this, key, value);
  }

  deleteValue(key: symbol): Context {
    return new Layer(this, key, undefined);
  }
}
