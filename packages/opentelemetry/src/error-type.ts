import type { AttemptView, CallEnd, HedgeRequest, RemoteProcedure } from '@hedgerow/core';

/** What the call span and the call's metric say went wrong; a call that was won or given up has no error. */
export function callErrorType(end: CallEnd, request: HedgeRequest): string | undefined {
  if (end.kind === 'won' || end.kind === 'cancelled') return undefined;
  return errorType(statusError(end.status, request), end.error, end.kind === 'timeout');
}

/** What an attempt's span and its metric say went wrong; a loser that was cancelled or came late has no error. */
export function attemptErrorType({ outcome, status, error, timedOut }: AttemptView, request: HedgeRequest): string | undefined {
  if (timedOut) return 'timeout';
  if (outcome === 'won') return statusError(status, request);
  return outcome === 'failed' ? errorType(statusError(status, request), error, false) : undefined;
}

const TIMEOUT = /^(?:ETIMEDOUT|ECONNABORTED|ESOCKETTIMEDOUT|HEDGE_TIMEOUT|UND_ERR_\w+_TIMEOUT|TimeoutError)$/;

/** Codes and names are identifiers. Whatever else turns up there may be a message, and a message may hold a secret. */
const IDENTIFIER = /^[\w.-]{1,64}$/;

/**
 * The value of `error.type`: a low-cardinality name of what went wrong, never a message.
 *
 * @param status - what {@link statusError} says.
 * @returns `timeout`, the status, the error's (or its cause's) code, its name, or `_OTHER`.
 */
function errorType(status: string | undefined, error: unknown, timedOut: boolean): string {
  if (timedOut) return 'timeout';
  if (status !== undefined) return status;
  const known = [member(error, 'code'), member(member(error, 'cause'), 'code'), member(error, 'name')].filter(isIdentifier);
  return known.some((word) => TIMEOUT.test(word)) ? 'timeout' : (known[0] ?? '_OTHER');
}

/** A status that the conventions ask a client span to be an error for: of HTTP the number, of gRPC the name. */
function statusError(status: number | undefined, { rpc }: HedgeRequest): string | undefined {
  if (typeof status !== 'number') return undefined;
  if (rpc === undefined) return status >= 400 ? String(status) : undefined;
  return status === 0 ? undefined : procedureError(status, rpc);
}

/** What an error of a remote procedure is called: of gRPC as its statuses are, of Connect in lower case. */
export function procedureError(status: number, { system }: RemoteProcedure): string {
  const name = GRPC_STATUSES[status] ?? String(status);
  return system === 'grpc' ? name : name.toLowerCase();
}

/** In the order of their codes. */
const GRPC_STATUSES: readonly string[] = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

function isIdentifier(word: unknown): word is string {
  return typeof word === 'string' && IDENTIFIER.test(word);
}

/** Anything can be thrown, also what refuses to be looked at. */
function member(of: unknown, name: string): unknown {
  if (typeof of !== 'object' || of === null) return undefined;
  try {
    return Reflect.get(of, name);
  } catch {
    return undefined;
  }
}
