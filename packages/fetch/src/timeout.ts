import { HedgeTimeoutError } from '@hedgerow/core';

/** `timeoutMs` passed: the error of `AbortSignal.timeout()`, which is how users of `fetch` bound a call, and the cause of it. */
export function timeoutError(timeoutMs: number): DOMException {
  const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  return Object.defineProperty(error, 'cause', { value: new HedgeTimeoutError(timeoutMs), configurable: true, writable: true });
}
