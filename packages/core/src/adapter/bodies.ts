import type { RaceUntil } from '../call.js';

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

/**
 * Resolves once there is something to read, or that there is nothing is known; rejects if the stream fails before. It is not
 * asked by its `readable` event: to listen for that ends a stream that is empty, and whoever is given it later waits for its end for ever.
 */
export function firstChunkOf(stream: NodeStream): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream.destroyed || hasSomething(stream)) return resolve();
    const stopWatching = watchPushes(stream, () => hasSomething(stream) && done(resolve));
    const onClose = (): void => done(resolve);
    const onError = (error: unknown): void => done(() => reject(error));
    const done = (settle: () => void): void => {
      stopWatching();
      stream.off('close', onClose);
      stream.off('error', onError);
      settle();
    };
    stream.on('close', onClose);
    stream.on('error', onError);
    (stream as Partial<Source>).read?.(0); // some ask their source for the first time when they are read
  });
}

/** What reads and writes the buffer of a Node stream. */
interface Source {
  push(...args: unknown[]): unknown;
  read(size: number): unknown;
  readonly _readableState: { readonly ended: boolean };
}

function hasSomething(stream: NodeStream & Partial<Source>): boolean {
  return stream.readableLength > 0 || stream.readableEnded || stream._readableState?.ended === true;
}

/** Calls `onPush` after whatever a stream is given by its source, by a member that hides that of its class. Returns what ends that. */
function watchPushes(stream: NodeStream & Partial<Source>, onPush: () => void): () => void {
  const { push } = stream;
  if (push === undefined) return ignore;
  const own = Object.getOwnPropertyDescriptor(stream, 'push');
  const watched = function (this: NodeStream, ...args: unknown[]): unknown {
    const result = push.apply(this as NodeStream & Source, args);
    onPush();
    return result;
  };
  Object.defineProperty(stream, 'push', { configurable: true, enumerable: false, writable: true, value: watched });
  return () => {
    onPush = ignore;
    if (stream.push !== watched) return; // another watches too, through this one
    if (own !== undefined) Object.defineProperty(stream, 'push', own);
    else Reflect.deleteProperty(stream, 'push');
  };
}

/**
 * Reads a body that nobody wants, so that its connection can be used again. `signal` gives it up.
 *
 * @returns a promise for its end or its failure, which never rejects; `undefined` if there is nothing to read.
 */
export function drainBody(body: unknown, signal?: AbortSignal): Promise<void> | undefined {
  if (isWebStream(body)) return body.pipeTo(new WritableStream(), signal && { signal }).catch(ignore);
  if (!isNodeStream(body) || body.destroyed || body.readableEnded) return undefined;
  if (signal?.aborted === true) {
    destroyBody(body);
    return undefined;
  }
  return new Promise((resolve) => {
    for (const event of ['end', 'close', 'error']) body.once(event, () => resolve());
    signal?.addEventListener('abort', () => destroyBody(body));
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

/** A stream like this one, that calls `ended` once it has been read, has failed or was given up: a web stream does not tell, except to its only reader. */
export function watchedStream(stream: ReadableStream<Uint8Array>, ended: () => void): ReadableStream<Uint8Array> {
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function ignore(): void {
  // The outcome of a loser concerns nobody.
}
