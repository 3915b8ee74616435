import type { KeptBody } from './kept-body.js';

type Result = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>>;

/** So much is read of a body that is kept. */
const MOST_BYTES = 65_536;

/**
 * A web stream that is kept: it is read ahead, because undici cannot bear responses that nobody reads, and what was read is in the stream that the
 * caller gets in its place.
 */
export class KeptWebStream implements KeptBody {
  readonly stream: ReadableStream<Uint8Array>;
  private readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  /** In the order in which they were asked for. */
  private readonly reads: Promise<Result>[] = [];
  private isHeld = true;

  constructor(source: ReadableStream<Uint8Array>, giveUp: () => void) {
    const reader = (this.reader = source.getReader());
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          const { done, value } = await (this.reads.shift() ?? reader.read());
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
    void this.readAhead(giveUp);
  }

  handOver(): void {
    this.isHeld = false;
  }

  reveal(): void {
    // A failure stands in the stream until it is read.
  }

  abandon(): void {
    this.isHeld = false;
  }

  private async readAhead(giveUp: () => void): Promise<void> {
    try {
      for (let bytes = 0; this.isHeld && bytes < MOST_BYTES; ) {
        const read = this.reader.read();
        this.reads.push(read);
        const { done, value } = await read;
        if (done) return;
        bytes += value.byteLength;
      }
    } catch {
      // The caller will be told by the stream.
    }
    if (this.isHeld) giveUp();
  }
}
