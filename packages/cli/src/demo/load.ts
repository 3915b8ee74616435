/** How {@link drive} sends. */
export interface Load {
  /** How many requests. */
  readonly requests: number;
  /** How many of them at a time: each is sent when one before it has been answered (a closed loop). */
  readonly concurrency: number;
  /** No more requests are sent when it aborts. */
  readonly signal: AbortSignal;
  /** Called after each answer. */
  readonly onAnswer?: () => void;
}

/**
 * Sends requests in a closed loop.
 *
 * @returns milliseconds from sending to the whole answer, in order of arrival.
 * @throws what a request rejects with, or the signal's reason; by then no request is in flight.
 */
export async function drive(send: () => Promise<unknown>, load: Load): Promise<Float64Array> {
  const latencies = new Float64Array(load.requests);
  let sent = 0;
  let answered = 0;
  let failed = false;
  const worker = async () => {
    while (sent < load.requests && !failed && !load.signal.aborted) {
      sent++;
      const start = performance.now();
      try {
        await send();
      } catch (error) {
        failed = true;
        throw error;
      }
      latencies[answered++] = performance.now() - start;
      load.onAnswer?.();
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: load.concurrency }, worker));
  load.signal.throwIfAborted();
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return latencies;
}
