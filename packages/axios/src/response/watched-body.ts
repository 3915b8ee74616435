import type { AxiosResponse } from 'axios';
import { isNodeStream, isWebStream, watchedStream } from '@hedgerow/core/adapter';
import { safeGet, safeSet } from '../safe-access.js';

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
    safeSet(response, 'data', watchedStream(data, ended));
  } else {
    ended();
  }
}

/** Calls `listener` with the error of a Node stream, before listeners that are added later. */
export function onStreamError(data: unknown, listener: (error: unknown) => void): void {
  if (isNodeStream(data)) data.on('error', listener);
}
