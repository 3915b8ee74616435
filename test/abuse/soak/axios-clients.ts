import { Agent } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { hedgedAdapter } from '@hedgerow/axios';
import type { Hedger } from '@hedgerow/core';
import axios, { type AxiosError, type AxiosInstance } from 'axios';
import { WritingAgent, writingAdapter } from './below.js';
import { failed, ok, type SoakClient } from './client.js';
import type { Contexts } from './contexts.js';
import type { Hello } from './protocol.js';
import { closeAgent, headersOf, MOST_REDIRECTS, urlOf } from './requests.js';

/** Of answers that are read whole. `below` us is what writes. */
export function axiosClient(name: string, hedger: Hedger, { here }: Contexts, below: 'an agent' | 'an adapter'): SoakClient {
  let agent = new Agent();
  let client: AxiosInstance;
  let servers: Hello | undefined;
  return {
    name,
    racesTo: 'body',
    protocol: 'http',
    redirects: 'within attempts',
    keptBytes: Infinity,
    losers: 'closed',
    hedger,
    open(hello) {
      servers = hello;
      agent = below === 'an agent' ? new WritingAgent(here, { keepAlive: true }) : new Agent({ keepAlive: true });
      const adapter = hedgedAdapter(below === 'an agent' ? { hedger } : { hedger, adapter: writingAdapter(here) });
      client = axios.create({ adapter, httpAgent: agent, proxy: false, responseType: 'arraybuffer', maxRedirects: MOST_REDIRECTS });
    },
    async ask({ call, signal, timeoutMs }) {
      try {
        const { data } = await client.get<Uint8Array>(urlOf(servers, call), { signal, headers: headersOf(call), timeout: timeoutMs ?? 0 });
        return ok(data);
      } catch (error) {
        const { response } = error as AxiosError<Uint8Array | undefined>;
        return failed(error, response?.status, response?.data);
      }
    },
    close: () => closeAgent(agent),
  };
}

/** Of answers that are streams. */
export function axiosStreamClient(name: string, hedger: Hedger, contexts: Contexts): SoakClient {
  const { here } = contexts;
  let agent = new WritingAgent(here, {});
  let client: AxiosInstance;
  let servers: Hello | undefined;
  return {
    name,
    racesTo: 'head',
    protocol: 'http',
    redirects: 'within attempts',
    keptBytes: 65_535,
    losers: 'closed',
    hedger,
    open(hello) {
      servers = hello;
      agent = new WritingAgent(here, { keepAlive: true });
      client = axios.create({ adapter: hedgedAdapter({ hedger }), httpAgent: agent, proxy: false, responseType: 'stream', maxRedirects: MOST_REDIRECTS, validateStatus: null });
    },
    async ask({ call, signal, timeoutMs }) {
      const own = timeoutMs === undefined ? signal : AbortSignal.timeout(timeoutMs);
      try {
        const { data, status } = await client.get<Readable>(urlOf(servers, call), { signal: own, headers: headersOf(call) });
        data.on('data', () => contexts.check('an answer’s data', call));
        const bytes = await buffer(data);
        return status === 200 ? ok(bytes) : failed(undefined, status, bytes);
      } catch (error) {
        const ending = failed(error);
        // axios has one word for both.
        return timeoutMs !== undefined && own.aborted && ending.kind === 'aborted' ? { ...ending, kind: 'timeout' } : ending;
      }
    },
    close: () => closeAgent(agent),
  };
}
