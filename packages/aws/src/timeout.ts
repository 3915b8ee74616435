import { HedgeTimeoutError } from '@hedgerow/core';

/** `timeoutMs` passed: the SDK's own name for that, so that it retries as after a timeout of its own. */
export function timeoutError(timeoutMs: number): Error {
  return Object.assign(new Error(`No acceptable answer within ${timeoutMs} ms`, { cause: new HedgeTimeoutError(timeoutMs) }), { name: 'TimeoutError' });
}
