import { firstChunkOf, isNodeStream, isWebStream, readCopy, type Until } from '@hedgerow/core/adapter';
import { bodyOf, cloneBody } from './body.js';

/**
 * Waits for the first chunk of a body, for the one that is asked for, or for all of it. The response keeps every byte: a copy is read, and given up again. What is less than
 * a Response, or was used before, is not waited for.
 *
 * @param signal - what it was asked for with.
 * @returns the response to go on with.
 */
export async function readAhead(response: Response, until: Until, signal: AbortSignal): Promise<Response> {
  const body: unknown = bodyOf(response);
  if (isNodeStream(body)) {
    if (typeof body.readableLength !== 'number') return response; // a mock
    if (until === 'body' && canBeRemade(response)) return wholeCopy(response);
    await firstChunkOf(body, typeof until === 'function' ? until : undefined);
  } else if (isWebStream(body)) {
    const copy = cloneBody(response, signal);
    if (copy !== undefined) await readCopy(copy, until);
  }
  return response;
}

function canBeRemade(response: Response): boolean {
  return (response as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag] === 'Response' && !response.bodyUsed;
}

/** Of node-fetch, whose responses are made with their URL. */
async function wholeCopy(response: Response): Promise<Response> {
  const { url, status, statusText, headers, redirected } = response;
  const bytes = await response.arrayBuffer();
  const Make = response.constructor as new (body: Uint8Array, init: object) => Response;
  return new Make(new Uint8Array(bytes), { url, status, statusText, headers, counter: redirected ? 1 : 0 });
}
