import { firstChunkOf, isNodeStream, isWebStream, readCopy, type RaceUntil } from '@hedgerow/core';

/**
 * Waits for the first chunk of a body, or for all of it. The response keeps every byte: a copy is read, and given up again.
 *
 * @returns the response to go on with.
 */
export async function readAhead(response: Response, until: Exclude<RaceUntil, 'headers'>): Promise<Response> {
  const body: unknown = response.body;
  if (isNodeStream(body)) {
    if (until === 'body') return wholeCopy(response);
    await firstChunkOf(body);
  } else if (isWebStream(body)) {
    const { body: copy } = response.clone();
    if (copy !== null) await readCopy(copy, until);
  }
  return response;
}

/** Of node-fetch, whose responses are made with their URL. */
async function wholeCopy(response: Response): Promise<Response> {
  const { url, status, statusText, headers, redirected } = response;
  const bytes = await response.arrayBuffer();
  const Make = response.constructor as new (body: Uint8Array, init: object) => Response;
  return new Make(new Uint8Array(bytes), { url, status, statusText, headers, counter: redirected ? 1 : 0 });
}
