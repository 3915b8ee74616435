import { isNodeStream, isWebStream, type Until } from '@hedgerow/core/adapter';
import type { SmithyResponse } from './response.js';

type Chunk = IteratorResult<Uint8Array, undefined>;

/** A body, of Node or of the web, that is read before its caller asks for it; he gets a stream of the same kind that begins at the beginning. */
export class ReadAhead {
  private readonly response: SmithyResponse;
  private readonly body: unknown;
  private readonly chunks: AsyncIterator<Uint8Array, undefined>;
  /** What was asked for, in order: chunks, the end, or how it failed. */
  private readonly asked: Promise<Chunk>[] = [];
  private isHandedOver = false;

  private constructor(response: SmithyResponse, body: AsyncIterable<Uint8Array, undefined>) {
    this.response = response;
    this.body = body;
    this.chunks = body[Symbol.asyncIterator]();
  }

  /** `undefined` where there is no stream to read. */
  static of(response: SmithyResponse | undefined): ReadAhead | undefined {
    const body = response?.body;
    const isStream = (isNodeStream(body) && !body.destroyed && !body.readableEnded) || (isWebStream(body) && !body.locked);
    if (response === undefined || !isStream || typeof (body as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] !== 'function') return undefined;
    return new ReadAhead(response, body as unknown as AsyncIterable<Uint8Array, undefined>);
  }

  /**
   * Reads on until there is a chunk, or the one that is waited for, or the end, or more than `mostBytes`, or until it is handed over. Rejects if the body fails before.
   *
   * @returns whether it was read as far as that, and not given up for its length.
   */
  async read(until: Until, mostBytes: number): Promise<boolean> {
    let bytes = 0;
    while (!this.isHandedOver) {
      const next = this.chunks.next();
      this.asked.push(next);
      const { done, value } = await next;
      if (done === true || until === 'firstChunk') return true;
      if (typeof until === 'function' && until(value, this.body as object)) return true;
      bytes += value.byteLength;
      if (bytes > mostBytes) return false;
    }
    return true;
  }

  /** From now on its caller reads it. */
  handOver(): void {
    if (this.isHandedOver) return;
    this.isHandedOver = true;
    this.response.body = isNodeStream(this.body) ? nodeStreamOf(this.all()) : ReadableStream.from(this.all());
  }

  /** All of it, from the beginning. Whoever stops reading destroys it, also before he has begun: a generator would not notice that. */
  private all(): AsyncIterableIterator<Uint8Array, undefined> {
    const all = {
      next: () => this.asked.shift() ?? this.chunks.next(),
      return: async (): Promise<Chunk> => {
        await this.chunks.return?.();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => all,
    };
    return all;
  }
}

/** Not imported: this file also runs where there is no `node:stream`. */
function nodeStreamOf(chunks: AsyncIterable<Uint8Array>): unknown {
  const { Readable } = process.getBuiltinModule('node:stream');
  return Readable.from(chunks, { objectMode: false });
}
