import { destroyBody, isNodeStream, isWebStream, type NodeStream, type Until } from '@hedgerow/core/adapter';
import type { SmithyResponse } from './response.js';

type Chunk = IteratorResult<Uint8Array, undefined>;

/** A body, of Node or of the web, that is read before its caller asks for it; he gets a stream of the same kind that begins at the beginning. */
export class ReadAhead {
  private readonly response: SmithyResponse;
  private readonly body: unknown;
  private readonly chunks: Chunks;
  /** What was asked for, in order: chunks, the end, or how it failed. */
  private readonly asked: Promise<Chunk>[] = [];
  private isHandedOver = false;

  private constructor(response: SmithyResponse, body: NodeBody | ReadableStream<Uint8Array>) {
    this.response = response;
    this.body = body;
    this.chunks = isNodeStream(body) ? chunksOfNode(body) : chunksOfWeb(body);
  }

  /** `undefined` where there is no stream to read. */
  static of(response: SmithyResponse | undefined): ReadAhead | undefined {
    const body = response?.body;
    const isStream = (isNodeStream(body) && !body.destroyed && !body.readableEnded) || (isWebStream(body) && !body.locked);
    if (response === undefined || !isStream || typeof (body as Partial<AsyncIterable<unknown>>)[Symbol.asyncIterator] !== 'function') return undefined;
    return new ReadAhead(response, body as NodeBody);
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

  /** Nobody will read it any more. */
  giveUp(): void {
    this.chunks.stop();
  }

  /** All of it, from the beginning. Whoever stops reading destroys it, also before he has begun: a generator would not notice that. */
  private all(): AsyncIterableIterator<Uint8Array, undefined> {
    const all = {
      next: () => this.asked.shift() ?? this.chunks.next(),
      return: async (): Promise<Chunk> => {
        await this.chunks.stop();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]: () => all,
    };
    return all;
  }
}

/** A body in chunks, which can be given up while one is waited for: iterators would wait for that one first, and a server may never send it. */
interface Chunks {
  next(): Promise<Chunk>;
  stop(): unknown;
}

type NodeBody = NodeStream & AsyncIterable<Uint8Array, undefined>;

function chunksOfNode(body: NodeBody): Chunks {
  const chunks = body[Symbol.asyncIterator]();
  return { next: () => chunks.next(), stop: () => destroyBody(body) };
}

function chunksOfWeb(body: ReadableStream<Uint8Array>): Chunks {
  const reader = body.getReader();
  return { next: () => reader.read() as Promise<Chunk>, stop: () => reader.cancel().catch(() => undefined) };
}

/** Not imported: this file also runs where there is no `node:stream`. */
function nodeStreamOf(chunks: AsyncIterable<Uint8Array>): unknown {
  const { Readable } = process.getBuiltinModule('node:stream');
  return Readable.from(chunks, { objectMode: false });
}
