import { Code, ConnectError } from '@connectrpc/connect';
import { HedgeTimeoutError } from '@hedgerow/core';

/** `timeoutMs` passed: what Connect says of a deadline. */
export function timeoutError(timeoutMs: number): ConnectError {
  return new ConnectError(`no acceptable answer within ${timeoutMs} ms`, Code.DeadlineExceeded, undefined, undefined, new HedgeTimeoutError(timeoutMs));
}
