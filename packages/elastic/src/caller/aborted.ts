/** The caller has given up: what both clients take for an abort of theirs, by its name. It marks no node as dead, and is not tried again. */
export function abortedError(): Error {
  const error = new Error('Request aborted');
  error.name = 'RequestAbortedError';
  return error;
}
