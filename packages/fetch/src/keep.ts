import { isWebStream } from '@hedgerow/core';

/** How much of a response is read on while it waits for its rival. */
const MOST_KEPT_BYTES = 1_048_576;

/**
 * Reads a response that is kept, so that its connection does not stand still: a server could stall it, and undici ends the process when a connection
 * breaks off that nobody reads (an assertion in its parser). A copy is read; the response keeps every byte.
 *
 * @param onWhole - told when its last byte has come.
 * @returns what stops that, once somebody reads the response itself; `undefined` if there is nothing that could be read.
 */
export function readOn(response: unknown, giveUp: () => void, onWhole: () => void): (() => void) | undefined {
  const copy = copyOf(response);
  if (copy === undefined) return undefined;
  const reader = copy.getReader();
  const stop = (): void => void reader.cancel().catch(() => undefined); // not awaited: it waits for the original to be cancelled too
  void readMost(reader).then((isWhole) => {
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

/** Streams of Node need none of this. */
function copyOf(response: unknown): ReadableStream<Uint8Array> | undefined {
  try {
    const { body, bodyUsed } = response as Response;
    if (!isWebStream(body) || bodyUsed || body.locked) return undefined;
    const copy: unknown = (response as Response).clone().body;
    return isWebStream(copy) ? copy : undefined;
  } catch {
    return undefined; // less than a Response, as those of tests are
  }
}
