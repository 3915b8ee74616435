import type { RaceUntil } from './call.js';

/** The part of a Node stream that adapters need; nothing here imports `node:stream`, for browsers have none. */
export interface NodeStream {
  readonly destroyed: boolean;
  readonly readableLength: number;
  readonly readableEnded: boolean;
  on(event: string, listener: (error?: unknown) => void): unknown;
  once(event: string, listener: (error?: unknown) => void): this;
  off(event: string, listener: (error?: unknown) => void): unknown;
  resume(): unknown;
  destroy(): unknown;
}

export function isNodeStream(body: unknown): body is NodeStream {
  return isObject(body) && typeof body.pipe === 'function' && typeof body.on === 'function';
}

export function isWebStream(body: unknown): body is ReadableStream<Uint8Array> {
  return isObject(body) && typeof body.getReader === 'function';
}

/** Resolves once there is something to read, or that there is nothing is known; rejects if the stream fails before. */
export async function firstChunkOf(stream: NodeStream): Promise<void> {
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
    stream.on('readable', onReadable);
    stream.on('close', onReadable);
    stream.on('error', onError);
  });
}

/**
 * Reads a body that nobody wants, so that its connection can be used again.
 *
 * @returns a promise for its end or its failure, which never rejects; `undefined` if there is nothing to read.
 */
export function drainBody(body: unknown): Promise<void> | undefined {
  if (isWebStream(body)) return body.pipeTo(new WritableStream()).catch(ignore);
  if (!isNodeStream(body) || body.destroyed || body.readableEnded) return undefined;
  return new Promise((resolve) => {
    for (const event of ['end', 'close', 'error']) body.once(event, () => resolve());
    body.resume();
  });
}

/** Gives up a body that nobody will read. */
export function destroyBody(body: unknown): void {
  if (isNodeStream(body)) body.once('error', ignore).destroy();
  else if (isWebStream(body)) body.cancel().catch(ignore);
}

/** Reads a tee'd copy of a body for its first chunk or to its end, and gives it up. */
export async function readCopy(copy: ReadableStream, until: Exclude<RaceUntil, 'headers'>): Promise<void> {
  const reader = copy.getReader();
  for (;;) {
    const { done } = await reader.read();
    if (done) return;
    if (until === 'body') continue;
    reader.cancel().catch(ignore); // not awaited: it waits for the original to be cancelled too
    return;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function ignore(): void {
  // The outcome of a loser concerns nobody.
}
