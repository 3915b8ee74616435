/** Fails with a message that names what was awaited, instead of letting the test run into its own timeout. */
export async function within<T>(limitMs: number, what: string, promise: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limitMs} ms for ${what}`)), limitMs);
  });
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Lets the event loop turn until `condition` holds; fails after `limitMs`. For what no event announces. */
export async function until(what: string, condition: () => boolean, limitMs = 5_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Lets the event loop turn a few times, so that whatever is ready to happen has happened. */
export async function turns(count = 5): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
}
