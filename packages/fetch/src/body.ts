import type { RaceUntil } from '@hedgerow/core';

/** The part of a Node stream that is needed here: node-fetch's bodies are such. */
export interface NodeStream {
  readonly readableLength: number;
  readonly readableEnded: boolean;
  once(event: string, listener: (error?: unknown) => void): unknown;
  off(event: string, listener: (error?: unknown) => void): unknown;
  resume(): unknown;
  destroy(): unknown;
}

/** Frees what a response holds that nobody will read. */
export function discardBody({ body }: Response, isDraining: boolean): void {
  const stream: unknown = body;
  if (isNodeStream(stream)) {
    stream.once('error', ignore);
    if (isDraining) stream.resume();
    else stream.destroy();
  } else if (isWebStream(stream)) {
    (isDraining ? stream.pipeTo(new WritableStream()) : stream.cancel()).catch(ignore);
  }
}

/**
 * Waits for the first chunk of a body, or for all of it. The response keeps every byte: a copy is read, and given up again.
 *
 * @returns the response to go on with.
 */
export async function readAhead(response: Response, until: Exclude<RaceUntil, 'headers'>): Promise<Response> {
  const body: unknown = response.body;
  if (isNodeStream(body)) {
    if (until === 'body') return wholeCopy(response);
    await firstOf(body);
  } else if (isWebStream(body)) {
    await readCopy(response.clone().body, until);
  }
  return response;
}

async function readCopy(copy: ReadableStream | null, until: RaceUntil): Promise<void> {
  const reader = copy?.getReader();
  while (reader !== undefined) {
    const { done } = await reader.read();
    if (done) return;
    if (until === 'body') continue;
    reader.cancel().catch(ignore); // not awaited: it waits for the original to be cancelled too
    return;
  }
}

/** Resolves once there is something to read, or that there is nothing is known. */
async function firstOf(stream: NodeStream): Promise<void> {
  if (stream.readableLength > 0 || stream.readableEnded) return;
  await new Promise<void>((resolve, reject) => {
    const done = (settle: () => void): void => {
      stream.off('readable', onReadable);
      stream.off('close', onReadable);
      stream.off('error', onError);
      settle();
    };
    const onReadable = (): void => done(resolve);
    const onError = (error: unknown): void => done(() => reject(error));
    stream.once('readable', onReadable);
    stream.once('close', onReadable);
    stream.once('error', onError);
  });
}

/** Of node-fetch, whose responses are made with their URL. */
async function wholeCopy(response: Response): Promise<Response> {
  const { url, status, statusText, headers, redirected } = response;
  const bytes = await response.arrayBuffer();
  const Make = response.constructor as new (body: Uint8Array, init: object) => Response;
  return new Make(new Uint8Array(bytes), { url, status, statusText, headers, counter: redirected ? 1 : 0 });
}

export function isNodeStream(body: unknown): body is NodeStream {
  return isObject(body) && typeof body.pipe === 'function' && typeof body.on === 'function';
}

export function isWebStream(body: unknown): body is ReadableStream {
  return isObject(body) && typeof body.getReader === 'function';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function ignore(): void {
  // The outcome of a loser concerns nobody.
}
