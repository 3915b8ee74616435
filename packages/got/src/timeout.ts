import { HedgeTimeoutError } from '@hedgerow/core';

/** `timeoutMs` passed. Looks like got's own timeouts, so that got wraps it in a RequestError of code ETIMEDOUT and may retry. */
export class CallTimeoutError extends Error {
  override readonly name = 'TimeoutError';
  readonly code = 'ETIMEDOUT';
  readonly event = 'hedge';

  constructor(timeoutMs: number) {
    super(`Timeout awaiting 'hedge' for ${timeoutMs}ms`, { cause: new HedgeTimeoutError(timeoutMs) });
  }
}
