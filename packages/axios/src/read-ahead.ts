import axios, { type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import type { RaceUntil } from '@hedgerow/core';
import { isNodeStream, isWebStream, type NodeStream } from './body.js';

type Until = Exclude<RaceUntil, 'headers'>;

/**
 * Waits for the first chunk of a streamed body, or for all of it. The response keeps every byte.
 *
 * @throws AxiosError if the body breaks off before.
 */
export async function readAhead(response: AxiosResponse<unknown>, until: Until, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  const { data } = response;
  try {
    if (isNodeStream(data)) {
      if (until === 'firstChunk') await firstOf(data);
      else response.data = await whole(data);
    } else if (isWebStream(data)) {
      const [kept, read] = data.tee();
      response.data = kept;
      await readCopy(read, until);
    }
  } catch (error) {
    throw error instanceof axios.AxiosError ? error : axios.AxiosError.from(error, undefined, config, response.request);
  }
  return response;
}

/** Resolves once there is something to read, or that there is nothing is known. */
async function firstOf(stream: NodeStream): Promise<void> {
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

/** Not imported: this file also runs where there is no `node:stream`. */
async function whole(stream: NodeStream): Promise<unknown> {
  const { Readable } = process.getBuiltinModule('node:stream');
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Readable.from(chunks, { objectMode: false });
}

async function readCopy(copy: ReadableStream, until: Until): Promise<void> {
  const reader = copy.getReader();
  for (;;) {
    const { done } = await reader.read();
    if (done) return;
    if (until === 'body') continue;
    reader.cancel().catch(() => undefined); // not awaited: it waits for the original to be cancelled too
    return;
  }
}
