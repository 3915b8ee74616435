import type { RaceUntil } from '../call.js';
import type { ChunkPredicate } from '../options/options.js';

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
 * Resolves once there is something to read, or what `until` picks, or that there is nothing is known; rejects if the stream fails before. It is not
 * asked by its `readable` event: to listen for that ends a stream that is empty, and whoever is given it later waits for its end for ever.
 */
export function firstChunkOf(stream: NodeStream, until?: ChunkPredicate): Promise<void> {
  return new Promise((resolve, reject) => {
    const isThere = until === undefined ? (): boolean => hasSomething(stream) : pickedFrom(stream, until);
    if (stream.destroyed || isThere()) return resolve();
    const stopWatching = watchPushes(stream, () => isThere() && done(resolve));
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
  readonly readableHighWaterMark: number;
  readonly _readableState: { readonly ended: boolean; readonly buffer?: Iterable<unknown>; readonly bufferIndex?: number };
}

/** Whether what a stream holds has what is waited for, or no more will come: it is full, or has ended. Nothing is taken out, so that nothing is missing later. */
function pickedFrom(stream: NodeStream & Partial<Source>, until: ChunkPredicate): () => boolean {
  let seen = 0;
  return () => {
    const { buffer = [], bufferIndex = 0, ended = true } = stream._readableState ?? {};
    const chunks = [...buffer].slice(bufferIndex + seen);
    seen += chunks.length;
    if (chunks.some((chunk) => until(bytesOf(chunk), stream))) return true;
    return ended || stream.readableEnded || stream.readableLength >= (stream.readableHighWaterMark ?? 0);
  };
}

function bytesOf(chunk: unknown): Uint8Array {
  return chunk instanceof Uint8Array ? chunk : new TextEncoder().encode(String(chunk));
}

/** How far a body is read ahead for a chunk that does not come. What was read waits in memory for whoever reads the body. */
export const MOST_READ_BYTES = 1_048_576;

/** How far a body is read ahead: to its first chunk, the one that is waited for, or its end. */
export type Until = 'firstChunk' | 'body' | ChunkPredicate;

/** How far the bodies of a call are read ahead; `undefined`: not at all. */
export function untilOf(options: RaceOptions | false): Until | undefined {
  const race = options === false ? undefined : options.raceUntil;
  if (options !== false && race === 'until') return options.until;
  return race === 'firstChunk' || race === 'body' ? race : undefined;
}

/** The part of resolved options that says what is raced. */
interface RaceOptions {
  readonly raceUntil: RaceUntil | undefined;
  readonly until: ChunkPredicate | undefined;
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

/** Reads a tee'd copy of a body for its first chunk, for the one that is waited for, or to its end, and gives it up. */
export async function readCopy(copy: ReadableStream, until: Until): Promise<void> {
  const reader = copy.getReader();
  for (let bytes = 0; ; ) {
    const { done, value } = (await reader.read()) as ReadableStreamReadResult<Uint8Array>;
    if (done) return;
    bytes += value.byteLength;
    if (until === 'body' || (typeof until === 'function' && !until(value, reader) && bytes < MOST_READ_BYTES)) continue;
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
