import { getEventListeners } from 'node:events';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { hedgeInfo, type AxiosHedgeOptions } from '@hedgerow/axios';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import { startScriptedServer, type ReceivedRequest, type ScriptedServer } from '../support/scripted-server.js';
import { turns, until, within } from '../support/wait.js';
import { hedgedClient } from './variants.js';

let server: ScriptedServer;
let rejections: RejectionCounter;
beforeAll(async () => void (server = await startScriptedServer()));
afterAll(() => server.close());
beforeEach(() => void (rejections = countUnhandledRejections()));
afterEach(async () => {
  server.script(undefined);
  expect(await rejections.count()).toBe(0);
  rejections.stop();
});

interface Way {
  readonly config: AxiosRequestConfig;
  readonly giveUp: () => void;
  readonly listeners: () => number;
}

const ways = {
  signal: (): Way => {
    const controller = new AbortController();
    const { signal } = controller;
    return { config: { signal }, giveUp: () => controller.abort(), listeners: () => getEventListeners(signal, 'abort').length };
  },
  'a signal of somebody’s own': (): Way => {
    const signal = new OwnSignal();
    return { config: { signal: signal }, giveUp: () => signal.abort(), listeners: () => signal.listeners.size };
  },
  cancelToken: (): Way => {
    const { token, cancel } = axios.CancelToken.source();
    return { config: { cancelToken: token }, giveUp: () => cancel('enough'), listeners: () => (token as { _listeners?: unknown[] | null })._listeners?.length ?? 0 };
  },
};

/** As libraries make them, that cannot count on the platform's. */
class OwnSignal {
  aborted = false;
  readonly listeners = new Set<() => void>();

  addEventListener(_type: string, listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_type: string, listener: () => void): void {
    this.listeners.delete(listener);
  }

  abort(): void {
    this.aborted = true;
    for (const listener of [...this.listeners]) listener();
  }
}

/** Answers the head and a part of the body, and no more. */
function stall(status: number): (request: ReceivedRequest) => void {
  return (request) => void request.open({ status, body: 'part' });
}

/** How a call may end with an answer that did not win. */
const endings: [string, AxiosHedgeOptions, (request: ReceivedRequest) => void][] = [
  ['a kept 503, no hedge being due', { delay: 60_000 }, stall(503)],
  ['a 429', { delay: 60_000 }, stall(429)],
  ['an answer that `accept` refuses', { delay: 60_000, accept: () => false }, stall(200)],
  ['hedgeOnFailure that is used up', { delay: 60_000, hedgeOnFailure: true }, stall(503)],
  ['a kept 503 whose hedge failed', { delay: 0 }, (request) => (request.headers['x-hedge'] === undefined ? stall(503)(request) : setTimeout(() => request.respond({ status: 500 }), 30))],
  ['timeoutMs while a hedge is out', { delay: 0, timeoutMs: 150 }, (request) => (request.headers['x-hedge'] === undefined ? stall(503)(request) : undefined)],
  ['an answer that won', { delay: 60_000 }, stall(200)],
];

for (const adapter of ['http', 'fetch'] as const) {
  describe(`who gives up while a body is read is obeyed (${adapter})`, () => {
    for (const [name, way] of Object.entries(ways)) {
      for (const [ending, options, script] of endings) {
        it(`by ${name}: ${ending}`, async () => {
          server.script(script);
          const before = server.requests.length;
          const { config, giveUp, listeners } = way();
          const client = hedgedClient(server.origin, { markHedges: 'x-hedge', ...options }, { adapter, responseType: 'stream', validateStatus: null });
          const response = await client.get<Readable>('/', config);
          const reading = buffer(response.data).then(
            () => 'read',
            () => 'failed',
          );
          await turns();
          giveUp();
          expect(await within(5_000, 'the body', reading)).toBe('failed');
          await until('the server has noticed', () => server.requests.slice(before).every(({ isAnswered, isGone }) => isAnswered || isGone));
          await until('nobody listens any more', () => listeners() === 0);
        });
      }
    }

    it('a body that has ended, or was closed, keeps no listener', async () => {
      const { config, listeners } = ways.signal();
      const client = hedgedClient(server.origin, { delay: 60_000 }, { adapter, responseType: 'stream', validateStatus: null });
      server.script((request) => request.respond({ status: 503, body: 'down' }));
      expect((await buffer((await client.get<Readable>('/', config)).data)).toString()).toBe('down');
      await until('nobody listens any more', () => listeners() === 0);
      server.script(stall(503));
      const { data } = await client.get<Readable & ReadableStream>('/', config);
      if (adapter === 'http') data.destroy();
      else await data.cancel();
      await until('nobody listens any more', () => listeners() === 0);
    });

    it('an error’s stream is obeyed as little as in plain axios', async () => {
      const outcome = async (client: AxiosInstance): Promise<unknown> => {
        const { config, giveUp, listeners } = ways.signal();
        const call = client.get<Readable>('/', { ...config, adapter: client.defaults.adapter ?? adapter }).catch((reason: unknown) => reason);
        const request = await server.next();
        const answer = request.open({ status: 503, body: 'part' });
        const { response } = (await call) as { response: AxiosResponse<Readable> };
        // axios 1.7.0's fetch adapter does so by a timer, and obeys for as long.
        await until('nobody listens any more', () => listeners() === 0);
        giveUp();
        await turns(20);
        answer.end();
        const body = buffer(response.data).then(String, () => 'broken off');
        return await within(5_000, 'the body', body);
      };
      const config = { baseURL: server.origin, responseType: 'stream' } as const;
      const plain = await outcome(axios.create({ ...config, adapter }));
      expect(await outcome(hedgedClient(server.origin, { delay: 60_000 }, { ...config, adapter }))).toEqual(plain);
    });
  });

  describe(`an answer that was kept outlives the client’s own timeout (${adapter})`, () => {
    /** The primary is answered with 503, and the hedge not at all. */
    const script = (request: ReceivedRequest): void => {
      if (request.headers['x-hedge'] === undefined) request.respond({ status: 503, body: 'down' });
    };

    for (const [name, config] of [
      ['config.timeout', () => ({ timeout: 150 })],
      ['a signal', () => ({ signal: AbortSignal.timeout(150) })],
      ['a signal beside a token', () => ({ signal: AbortSignal.timeout(150), cancelToken: axios.CancelToken.source().token })],
    ] as [string, () => AxiosRequestConfig][]) {
      for (const validateStatus of [undefined, null]) {
        it(`${name}, ${validateStatus === null ? 'as a response' : 'as an error'}`, async () => {
          server.script(script);
          const own = config();
          const seen: unknown[] = [];
          const client = hedgedClient(server.origin, { delay: 0, markHedges: 'x-hedge' }, { adapter, ...(validateStatus === null && { validateStatus }) });
          client.interceptors.response.use(
            (response) => (seen.push(response.status), response),
            (error: unknown) => (seen.push((error as { response?: AxiosResponse }).response?.status), Promise.reject(error)),
          );
          const outcome = (await client.get('/', own).catch((error: unknown) => error)) as AxiosResponse & { response?: AxiosResponse };
          const response = validateStatus === null ? outcome : outcome.response;
          expect({ status: response?.status, data: response?.data as unknown, seen }).toEqual({ status: 503, data: 'down', seen: [503] });
          expect(hedgeInfo(outcome)).toMatchObject({ attempts: 2, winner: undefined });
          await turns();
          expect(outcome.config.signal === own.signal).toBe(true);
        });
      }
    }

    it('but who cancels is obeyed at once', async () => {
      server.script(script);
      const controller = new AbortController();
      const call = hedgedClient(server.origin, { delay: 0, markHedges: 'x-hedge' }, { adapter }).get('/', { signal: controller.signal });
      await until('the primary has been answered', () => server.requests.at(-1)?.isAnswered === true || server.requests.at(-2)?.isAnswered === true);
      await turns(20);
      controller.abort();
      await expect(call).rejects.toMatchObject({ code: 'ERR_CANCELED' });
    });
  });
}
