import axios, { type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { firstChunkOf, isNodeStream, isWebStream, readCopy, type NodeStream, type Until } from '@hedgerow/core/adapter';
import { safeGet, safeSet } from '../safe-access.js';

/**
 * Waits for the first chunk of a streamed body, for the one that is asked for, or for all of it. The response keeps every byte.
 *
 * @throws AxiosError if the body breaks off before.
 */
export async function readAhead(response: AxiosResponse<unknown>, until: Until, config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  const data = safeGet(response, 'data');
  try {
    if (isNodeStream(data) && until !== 'body') await firstChunkOf(data, typeof until === 'function' ? until : undefined);
    else if (!safeSet(response, 'data', data)) return response; // nobody can be given another stream instead
    else if (isNodeStream(data)) response.data = await whole(data);
    else if (isWebStream(data) && !data.locked) {
      const [kept, read] = data.tee();
      response.data = kept;
      await readCopy(read, until);
    }
  } catch (error) {
    throw error instanceof axios.AxiosError ? error : axios.AxiosError.from(error, undefined, config, response.request);
  }
  return response;
}

/** Not imported: this file also runs where there is no `node:stream`. */
async function whole(stream: NodeStream): Promise<unknown> {
  const { Readable } = process.getBuiltinModule('node:stream');
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Readable.from(chunks, { objectMode: false });
}
