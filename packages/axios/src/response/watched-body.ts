import type { AxiosResponse } from 'axios';
import { isNodeStream, isWebStream } from '@hedgerow/core/adapter';
import { safeGet, safeSet } from '../safe-access.js';

type WebStream = ReadableStream<Uint8Array>;

/** Whether there is something left to read of it. */
export function isBody(data: unknown): boolean {
  return typeof data === 'object' && data !== null && (isNodeStream(data) || isWebStream(data));
}

/** Calls `ended` once the body has been read, has failed or was given up; at once if there is nothing left to read. */
export function watchBody(response: AxiosResponse<unknown>, ended: () => void): void {
  const data = safeGet(response, 'data');
  if (isNodeStream(data) && !data.destroyed) {
    for (const event of ['end', 'close', 'error'] as const) data.on(event, ended);
  } else if (isWebStream(data) && !data.locked && safeSet(response, 'data', data)) {
    safeSet(response, 'data', watched(data, ended));
  } else {
    ended();
  }
}

/** Calls `listener` with the error of a Node stream, before listeners that are added later. */
export function onStreamError(data: unknown, listener: (error: unknown) => void): void {
  if (isNodeStream(data)) data.on('error', listener);
}

/** A web stream does not tell when it ends, except to its only reader. */
function watched(stream: WebStream, ended: () => void): WebStream {
  const reader = stream.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (value !== undefined) controller.enqueue(value);
          if (!done) return;
          ended();
          controller.close();
        } catch (error) {
          ended();
          controller.error(error);
        }
      },
      cancel(reason) {
        ended();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}
