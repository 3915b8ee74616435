import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { printable } from '../../printable.js';

const CHUNK_BYTES = 2 ** 18;
/** As much is looked at to tell what the input is. */
const HEAD_BYTES = 2 ** 16;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Where latencies come from. */
export interface Source {
  /** How it is called in messages. */
  readonly name: string;
  /** The beginning of the content, unpacked. */
  readonly head: Buffer;
  /** All of the content, the beginning included; unpacked if it was packed by gzip. */
  readonly chunks: AsyncIterable<Buffer>;
}

/** Told how many bytes have been read so far, packed ones if they are packed; `totalBytes` is `undefined` if nobody knows. */
export type OnProgress = (bytes: number, totalBytes: number | undefined) => void;

/**
 * Opens a file, or stdin for `-`.
 *
 * @throws Error if it cannot be read; the iteration rejects likewise, and with the signal's reason when it aborts.
 */
export async function openSource(file: string, signal: AbortSignal, onProgress: OnProgress): Promise<Source> {
  const isStdin = file === '-';
  if (isStdin && process.stdin.isTTY) throw new Error('stdin is a terminal: expected latencies from a pipe or a file');
  const totalBytes = isStdin ? undefined : await sizeOf(file);
  const stream: Readable = isStdin ? process.stdin : createReadStream(file, { highWaterMark: CHUNK_BYTES });
  const { head, chunks } = await peek(withoutMark(unpack(counted(stream, signal, (bytes) => onProgress(bytes, totalBytes)))));
  if (head.includes(0)) throw new Error(`${isStdin ? 'stdin' : printable(file)} is not text in UTF-8 (nor gzip of it)`);
  return { name: isStdin ? 'stdin' : printable(file), head, chunks };
}

async function sizeOf(file: string): Promise<number | undefined> {
  try {
    const { size } = await stat(file);
    // A named pipe has no size.
    return size > 0 ? size : undefined;
  } catch (cause) {
    throw new Error(printable(`cannot read ${file}: ${(cause as NodeJS.ErrnoException).message}`), { cause });
  }
}

async function* counted(stream: Readable, signal: AbortSignal, onBytes: (bytes: number) => void): AsyncGenerator<Buffer> {
  let bytes = 0;
  const stop = (): void => void stream.destroy(signal.reason as Error);
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      onBytes((bytes += chunk.length));
      yield chunk;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Unpacks gzip, whatever the file is called. */
async function* unpack(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  const { head, chunks: all } = await peek(chunks, 2);
  if (head[0] !== 0x1f || head[1] !== 0x8b) {
    yield* all;
    return;
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  const packed = Readable.from(all, { objectMode: false });
  packed.once('error', (error) => gunzip.destroy(error));
  for await (const chunk of packed.pipe(gunzip) as AsyncIterable<Buffer>) yield chunk;
}

/** Drops the byte order mark that some programs begin a file with. */
async function* withoutMark(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let isFirst = true;
  for await (const chunk of chunks) {
    yield isFirst && chunk.subarray(0, 3).equals(BYTE_ORDER_MARK) ? chunk.subarray(3) : chunk;
    isFirst = false;
  }
}

/** Reads the beginning, and gives it back with the rest. */
async function peek(chunks: AsyncGenerator<Buffer>, bytes = HEAD_BYTES): Promise<{ head: Buffer; chunks: AsyncGenerator<Buffer> }> {
  const seen: Buffer[] = [];
  let length = 0;
  let isDone = false;
  while (length < bytes && !isDone) {
    const next = await chunks.next();
    isDone = next.done === true;
    if (next.done === true) break;
    seen.push(next.value);
    length += next.value.length;
  }
  const rest = async function* (): AsyncGenerator<Buffer> {
    yield* seen.splice(0);
    yield* chunks;
  };
  return { head: Buffer.concat(seen), chunks: rest() };
}
