/** Whether a value is a promise or acts like one. Never throws: what refuses to be asked is none. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';
  } catch {
    return false;
  }
}
