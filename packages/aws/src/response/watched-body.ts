import { isNodeStream, isWebStream, watchedStream } from '@hedgerow/core/adapter';
import type { SmithyResponse } from './response.js';

/** Calls `ended` once the body has been read, has failed or was given up; at once if there is nothing left to read. */
export function watchBody(response: SmithyResponse | undefined, ended: () => void): void {
  const body = response?.body;
  if (isNodeStream(body) && !body.destroyed) {
    for (const event of ['end', 'close', 'error'] as const) body.once(event, ended);
  } else if (response !== undefined && isWebStream(body) && !body.locked) {
    response.body = watchedStream(body, ended);
  } else {
    ended();
  }
}
