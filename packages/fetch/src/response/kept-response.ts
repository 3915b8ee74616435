import { bodyOf, cloneBody } from './body.js';

/** How much of a response is read on while it waits for its rival. */
const MOST_KEPT_BYTES = 1_048_576;

/**
 * Reads a response that is kept, so that its connection does not stand still: a server could stall it, and undici ends the process when a connection
 * breaks off that nobody reads (an assertion in its parser). A copy is read; the response keeps every byte.
 *
 * @param signal - what it was asked for with.
 * @param onWhole - told when its last byte has come; at once, if it has no body.
 * @returns what stops that, once somebody reads the response itself; `undefined` if there is nothing that could be read.
 */
export function keepResponse(response: unknown, signal: AbortSignal, giveUp: () => void, onWhole: () => void): (() => void) | undefined {
  const copy = cloneBody(response, signal);
  if (copy === undefined) {
    if (bodyOf(response) === null) onWhole();
    return undefined;
  }
  const reader = copy.getReader();
  let isStopped = false;
  const stop = (): void => {
    isStopped = true;
    reader.cancel().catch(() => undefined); // not awaited: it waits for the original to be cancelled too
  };
  void readMost(reader).then((isWhole) => {
    if (isStopped) return; // then it looks as if it were
    if (isWhole) return onWhole();
    giveUp();
    stop();
  });
  return stop;
}

/** Whether the body came to its end within the bound. */
async function readMost(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<boolean> {
  try {
    for (let bytes = 0; bytes <= MOST_KEPT_BYTES; ) {
      const { done, value } = await reader.read();
      if (done) return true;
      bytes += typeof value.byteLength === 'number' ? value.byteLength : 1;
    }
  } catch {
    // Whoever gets the response will see.
  }
  return false;
}
