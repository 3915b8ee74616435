import { destroyBody, isNodeStream, isWebStream } from '@hedgerow/core/adapter';

/** No more of a body is read to be dropped: what is larger waits for its end. */
const MOST_BYTES = 2 ** 20;

interface Pausable {
  pause(): unknown;
}

/** The body of an attempt that has lost, read to nobody until it ends or is closed: many have arrived whole already. */
export class UnwantedBody {
  hasEnded = false;
  private readonly body: unknown;
  private readonly reader: ReadableStreamDefaultReader<Uint8Array> | undefined = undefined;
  private bytes = 0;

  constructor(body: unknown) {
    this.body = body;
    if (isNodeStream(body)) {
      if (body.destroyed || body.readableEnded) this.hasEnded = true;
      for (const event of ['end', 'close', 'error']) body.once(event, this.end);
      body.on('error', ignore);
      body.on('data', (chunk) => this.count(chunk) || (body as unknown as Pausable).pause());
      body.resume();
    } else if (isWebStream(body) && !body.locked) {
      this.reader = body.getReader();
      void this.readOn(this.reader);
    } else {
      this.hasEnded = true;
    }
  }

  /** Closes it, which costs an HTTP/1.1 connection its life, and resets a stream of HTTP/2. */
  close(): void {
    if (this.reader !== undefined) this.reader.cancel().catch(ignore);
    else destroyBody(this.body);
  }

  /** Closes it, unless it has arrived whole: then it has ended by then, and its connection can be used again. */
  closeSoon(afterPoll: (callback: () => void) => void): void {
    if (this.hasEnded) return;
    afterPoll(() => {
      if (!this.hasEnded) this.close();
    });
  }

  private readonly end = (): void => {
    this.hasEnded = true;
  };

  private async readOn(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        if (!this.count(value)) return;
      }
    } catch {
      // Its failure concerns nobody.
    }
    this.end();
  }

  private count(chunk: unknown): boolean {
    this.bytes += (chunk as Partial<Uint8Array> | undefined)?.byteLength ?? 0;
    return this.bytes < MOST_BYTES;
  }
}

function ignore(): void {
  // The outcome of a loser concerns nobody.
}
