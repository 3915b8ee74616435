import { Writable, type Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { textOf } from './answer.js';
import type { Run } from './run.js';

/** Notes what came of a body. */
export class Reading {
  private readonly run: Run;
  private readonly pieces: Buffer[] = [];

  constructor(run: Run) {
    this.run = run;
  }

  piece(bytes: Uint8Array | string): void {
    if (bytes.length === 0) return;
    this.pieces.push(Buffer.from(bytes as Uint8Array));
    if (this.pieces.length === 1) void this.run.at('chunk');
  }

  /** How much still comes to whoever has given it up is chance. */
  end(): void {
    this.run.seen.body = this.text;
    this.run.part = this.part;
  }

  /** It may have come to its end, or have been broken off: an endless one has. */
  close(): void {
    this.run.seen.body = this.text.startsWith('endless ') ? 'a part' : this.text;
  }

  /** Without an error, but without its end either. */
  stop(): void {
    this.run.seen.body = this.part;
  }

  /** What has come before is a part of what would have come; how much is chance. */
  fail(error: unknown): void {
    this.run.seen.bodyError = this.run.tell(error);
    this.run.seen.body = this.part;
  }

  /** Given up in the middle, by the caller himself. */
  leave(): void {
    this.run.seen.body = 'left';
  }

  private get part(): string {
    const { text } = this;
    const { client, primary, hedge, caller } = this.run.plan;
    const decompresses = caller.decompress && client !== 'undici request' && client !== 'aws handler';
    if (!decompresses && [primary, hedge].some(({ coding }) => coding !== 'identity')) return 'a part';
    // What comes out of what is corrupt is not known beforehand.
    const mayBeCorrupt = [primary, hedge].some(({ coding }) => coding.startsWith('corrupt'));
    return mayBeCorrupt || PARTS.some((whole) => whole.startsWith(text)) || text.startsWith('endless ') ? 'a part' : text;
  }

  private get text(): string {
    return Buffer.concat(this.pieces).toString('latin1');
  }
}

const PARTS = ['P', 'H'].flatMap((label) => [textOf(label, 'small'), textOf(label, 'large')]);

const EVENTS = ['end', 'error', 'close', 'aborted'] as const;

/** What is counted of them: how a body ends that has not been read to its end depends on how much of it has come by then. */
function countedOf(run: Run): readonly string[] {
  if (run.plan.caller.read === 'nothing') return [];
  return run.plan.caller.read === 'cancel' ? ['close'] : ['error', 'close'];
}

/** Reads a stream of Node's as the plan says. */
export async function readStream(run: Run, stream: Readable): Promise<void> {
  const reading = new Reading(run);
  const counts = new Map<string, number>();
  run.settle = () => {
    for (const name of countedOf(run)) if (counts.has(name)) run.event(name, counts.get(name));
  };
  for (const name of EVENTS) {
    stream.on(name, () => {
      counts.set(name, (counts.get(name) ?? 0) + 1);
      run.note(name);
    });
  }
  try {
    switch (run.plan.caller.read) {
      case 'nothing':
        run.closers.push(() => stream.destroy());
        reading.leave();
        return;
      case 'cancel':
        await firstData(run, stream);
        stream.destroy();
        reading.leave();
        break;
      case 'pipe':
        stream.pipe(sinkFor(reading));
        await finished(stream, { writable: false });
        endOf(stream, reading);
        break;
      case 'data':
        stream.on('data', (piece: Buffer) => {
          run.note('data');
          reading.piece(piece);
        });
        await byEvents(stream);
        endOf(stream, reading);
        break;
      default:
        for await (const piece of stream) reading.piece(piece as Buffer);
        reading.end();
    }
  } catch (error) {
    reading.fail(error);
  }
  if (!stream.closed) await Promise.race([new Promise((resolve) => stream.once('close', resolve)), new Promise((resolve) => setTimeout(resolve, LATE_MS))]);
}

/** As those wait who know of no other way. */
function byEvents(stream: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('end', () => resolve());
    stream.once('error', reject);
    stream.once('close', () => resolve());
  });
}

function sinkFor(reading: Reading): Writable {
  return new Writable({
    write(piece: Buffer, _encoding, done) {
      reading.piece(piece);
      done();
    },
  });
}

function endOf(stream: Readable, reading: Reading): void {
  if (stream.readableEnded) reading.end();
  else reading.stop();
}

/** Streams close soon after they have ended, if they do. */
const LATE_MS = 50;

/** A body may be empty, or end before its first piece. */
function firstData(run: Run, stream: Readable): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.once('data', () => {
      void run.at('chunk');
      resolve();
    });
    stream.once('end', () => resolve());
    stream.once('error', reject);
    stream.once('close', () => resolve());
  });
}

type Body = ReadableStream<Uint8Array>;

/** Reads a stream of the platform's as the plan says; `whole` does what else can be done to a response. */
export async function readWeb(run: Run, body: Body | null, whole?: () => Promise<string>): Promise<void> {
  const reading = new Reading(run);
  const { read } = run.plan.caller;
  try {
    if (body === null || whole !== undefined && !BY_STREAM.includes(read)) {
      if (whole !== undefined) reading.piece(await whole());
      reading.end();
      return;
    }
    switch (read) {
      case 'nothing':
        run.closers.push(() => body.locked || body.cancel().catch(() => undefined));
        { reading.leave(); return; }
      case 'cancel':
        await cancel(run, body);
        { reading.leave(); return; }
      case 'tee': {
        const [one, other] = body.tee();
        await Promise.all([drain(reading, one), drain(new Reading(run), other)]);
        break;
      }
      case 'for await':
        for await (const piece of body) reading.piece(piece);
        break;
      case 'release, for await':
        await peek(reading, body, async () => {
          for await (const piece of body) reading.piece(piece);
        });
        break;
      case 'release, pipe':
        await peek(reading, body, () => body.pipeTo(new WritableStream({ write: (piece) => reading.piece(piece) })));
        break;
      case 'pipe':
        await body.pipeTo(new WritableStream({ write: (piece) => reading.piece(piece) }));
        break;
      case 'release, read on':
        await peek(reading, body, () => drain(reading, body));
        break;
      default:
        await drain(reading, body);
    }
    reading.end();
  } catch (error) {
    reading.fail(error);
  }
}

const BY_STREAM: readonly string[] = ['nothing', 'cancel', 'tee', 'reader', 'for await', 'release, for await', 'release, pipe', 'pipe', 'release, read on'];

/** Reads one piece by one reader, and at once the rest by another way. */
async function peek(reading: Reading, body: Body, rest: () => Promise<void>): Promise<void> {
  const reader = body.getReader();
  const { value } = await reader.read();
  if (value !== undefined) reading.piece(value);
  reader.releaseLock();
  await rest();
}

async function drain(reading: Reading, body: Body): Promise<void> {
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    reading.piece(value);
  }
}

async function cancel(run: Run, body: Body): Promise<void> {
  const reader = body.getReader();
  await reader.read();
  void run.at('chunk');
  await reader.cancel();
}
