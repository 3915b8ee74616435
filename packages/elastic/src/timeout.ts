import { HedgeTimeoutError } from '@hedgerow/core';

/**
 * `timeoutMs` passed: what both clients take for a timeout of theirs, by its name. Elastic's makes a `TimeoutError` of its own of it, and neither
 * can be imported here.
 */
export function timeoutError(timeoutMs: number): Error {
  const cause = new HedgeTimeoutError(timeoutMs);
  const error = new Error(cause.message, { cause });
  error.name = 'TimeoutError';
  return error;
}
