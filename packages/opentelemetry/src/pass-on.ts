/** Passes each on, also when an SDK throws at one of them; the last such error is thrown in the end. */
export function passOn<V>(values: readonly V[], pass: (value: V) => void): void {
  let failure: { readonly error: unknown } | undefined;
  for (const value of values) {
    try {
      pass(value);
    } catch (error) {
      failure = { error };
    }
  }
  if (failure) throw failure.error;
}
