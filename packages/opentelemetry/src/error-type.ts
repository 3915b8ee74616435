import type { AttemptView, CallEnd } from '@hedgerow/core';

/** What the call span and the call's metric say went wrong; a call that was won or given up has no error. */
export function callErrorType(end: CallEnd): string | undefined {
  if (end.kind === 'won' || end.kind === 'cancelled') return undefined;
  return errorType(end.status, end.error, end.kind === 'timeout');
}

/** What an attempt's span and its metric say went wrong; a loser that was cancelled or came late has no error. */
export function attemptErrorType({ outcome, status, error, timedOut }: AttemptView): string | undefined {
  if (timedOut) return 'timeout';
  if (outcome === 'won') return isErrorStatus(status) ? String(status) : undefined;
  return outcome === 'failed' ? errorType(status, error, false) : undefined;
}

interface ErrorLike {
  readonly code?: unknown;
  readonly name?: unknown;
  readonly cause?: unknown;
}

const TIMEOUT = /^(?:ETIMEDOUT|ECONNABORTED|ESOCKETTIMEDOUT|HEDGE_TIMEOUT|UND_ERR_\w+_TIMEOUT|TimeoutError)$/;

/** Codes and names are identifiers. Whatever else turns up there may be a message, and a message may hold a secret. */
const IDENTIFIER = /^[\w.-]{1,64}$/;

/**
 * The value of `error.type`: a low-cardinality name of what went wrong, never a message.
 *
 * @returns `timeout`, the HTTP status as a string if it is an error status, the error's (or its cause's) code, its name, or `_OTHER`.
 */
export function errorType(status: number | undefined, error: unknown, timedOut: boolean): string {
  if (timedOut) return 'timeout';
  if (isErrorStatus(status)) return String(status);
  const { code, name, cause } = asError(error);
  const known = [code, asError(cause).code, name].filter(isIdentifier);
  return known.some((word) => TIMEOUT.test(word)) ? 'timeout' : (known[0] ?? '_OTHER');
}

/** Whether the HTTP conventions ask a client span to be an error. */
function isErrorStatus(status: number | undefined): status is number {
  return status !== undefined && status >= 400;
}

function isIdentifier(word: unknown): word is string {
  return typeof word === 'string' && IDENTIFIER.test(word);
}

function asError(error: unknown): ErrorLike {
  return typeof error === 'object' && error !== null ? error : {};
}
