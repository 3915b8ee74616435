import { Readable } from 'node:stream';

/** A body of which everything that came is in memory, or that broke off. */
export type HeldState = 'reading' | 'whole' | 'broken' | 'full';

/** Reads the body of an answer that somebody may want later, within a bound; nothing of it is lost. */
export class HeldBody {
  state: HeldState = 'reading';
  error: Error | undefined = undefined;
  private readonly stream: Readable;
  private readonly mostBytes: number;
  private readonly onSettled: (state: HeldState) => void;
  private readonly chunks: Buffer[] = [];
  private bytes = 0;

  /** @param onSettled - told when no more is read: all is here, or there is more than `mostBytes` of it, or it broke off. */
  constructor(stream: Readable, mostBytes: number, onSettled: (state: HeldState) => void) {
    this.stream = stream;
    this.mostBytes = mostBytes;
    this.onSettled = onSettled;
    stream.on('data', this.onData).on('end', this.onEnd).on('error', this.onError);
  }

  /** Nothing more comes of it. */
  breakOff(error: Error): void {
    if (this.state !== 'reading') return;
    this.stream.on('error', ignore);
    this.error = error;
    this.settle('broken');
  }

  /** The body from its beginning: the stream itself if it goes on, else one that gives the same, and ends in the same way, or with `error`. */
  handOver(error: Error | undefined = this.error): Readable {
    const { chunks, state, stream } = this;
    if (state === 'reading') this.end('full');
    if (this.state !== 'full') return new HeardBody(chunks, error);
    if (chunks.length > 0) stream.unshift(Buffer.concat(chunks.splice(0)));
    return stream;
  }

  /** Nobody wants it. */
  abandon(): void {
    if (this.state === 'reading') this.end('full');
  }

  private readonly onData = (chunk: Buffer): void => {
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    if (this.bytes > this.mostBytes) this.settle('full');
  };

  private readonly onEnd = (): void => this.settle('whole');

  private readonly onError = (error: Error): void => this.breakOff(error);

  private settle(state: HeldState): void {
    this.end(state);
    this.onSettled(state);
  }

  private end(state: HeldState): void {
    const { stream } = this;
    this.state = state;
    stream.off('data', this.onData).off('end', this.onEnd).off('error', this.onError);
    if (state === 'full') stop(stream);
  }
}

/** A stream that is paused by hand stays so when somebody begins to listen: this one is as if nobody had read it yet. */
function stop(stream: Readable): void {
  stream.pause();
  const { _readableState: state } = stream as Readable & { readonly _readableState?: { flowing: boolean | null } };
  if (state !== undefined) state.flowing = null;
}

/** What was heard of a body, once more. */
export class HeardBody extends Readable {
  readonly #chunks: readonly Buffer[];
  readonly #error: Error | undefined;

  constructor(chunks: readonly Buffer[], error: Error | undefined) {
    super();
    this.#chunks = chunks;
    this.#error = error;
  }

  override _read(): void {
    for (const chunk of this.#chunks) this.push(chunk);
    if (this.#error === undefined) this.push(null);
    else this.destroy(this.#error);
  }
}

function ignore(): void {
  // It is known already.
}
