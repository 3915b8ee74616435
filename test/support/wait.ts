/**
 * How much longer than on an idle machine something may take before it is taken to hang. Waits end with what they wait for, so that a test that
 * passes is no slower; one that hangs says so later.
 */
const PATIENCE = 6;

/**
 * Fails with a message that names what was awaited, instead of letting the test run into its own timeout. `limitMs` is what an idle machine would
 * take at most; a busy one gets several times as much.
 */
export async function within<T>(limitMs: number, what: string, promise: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const patienceMs = PATIENCE * limitMs;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${patienceMs} ms for ${what}`)), patienceMs);
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets the event loop turn until `condition` holds; fails after `limitMs`, as {@link within} counts them. For what no event announces. */
export async function until(what: string, condition: () => boolean, limitMs = 5_000): Promise<void> {
  const patienceMs = PATIENCE * limitMs;
  const deadline = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs} ms until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Lets the event loop turn a few times, so that whatever is ready to happen has happened. */
export async function turns(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
