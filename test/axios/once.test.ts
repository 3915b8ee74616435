import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import axios, { AxiosHeaders, type AxiosAdapter, type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { Hedger, type AxiosHedgeOptions } from '@hedgerow/axios';
import { turns } from '../support/wait.js';
import { hedgedClient } from './variants.js';

/** A request as it came over the wire. */
interface Seen {
  readonly url: string | undefined;
  readonly names: readonly string[];
  readonly body: string;
}

describe('what is read once is sent as it was read', () => {
  let server: Server;
  let origin: string;
  let seen: Seen[] = [];
  /** How many are left unanswered. */
  let stragglers = 0;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({ url: request.url, names: request.rawHeaders.filter((_each, index) => index % 2 === 0), body: Buffer.concat(chunks).toString('latin1') });
        if (stragglers-- <= 0) response.end('fine');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    seen = [];
    stragglers = 0;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const clients: [string, number, (config: AxiosRequestConfig) => AxiosInstance][] = [
    ['plain', 0, (config) => axios.create({ baseURL: origin, ...config } as object)],
    ['hedged, no hedge due', 0, (config) => hedgedClient(origin, { delay: 60_000 }, config as object)],
    ['not to be hedged', 0, (config) => hedgedClient(origin, { mode: 'off' }, config as object)],
    ['hedged, a hedge wins', 1, (config) => hedgedClient(origin, { delay: 20, methods: ['GET', 'PUT'] }, config as object)],
    ['hedged, the second hedge wins', 2, (config) => hedgedClient(origin, { delay: [20, 20], methods: ['GET', 'PUT'] }, config as object)],
  ];
  for (const adapter of ['http', 'fetch', 'own'] as const) {
    for (const [name, count, make] of clients) {
      /** What one call looks like to the server, and its response to the caller. */
      const call = async (config: AxiosRequestConfig, afterwards: () => void = () => undefined): Promise<AxiosResponse> => {
        stragglers = count;
        const inner = axios.getAdapter('http');
        const own: AxiosAdapter = (given) => inner(given);
        const answered = make({ adapter: adapter === 'own' ? own : adapter }).request({ url: '/', ...config });
        await turns();
        afterwards();
        const response = await answered;
        expect(seen).toHaveLength(count + 1);
        return response;
      };

      it(`params and their serializer (${adapter}, ${name})`, async () => {
        let calls = 0;
        const paramsSerializer = { serialize: (params: unknown): string => `n=${++calls}&${new URLSearchParams([...(params as Iterable<[string, string]>)]).toString()}` };
        const params = new Map([['a', '1']]).entries();
        const { config } = await call({ params, paramsSerializer });
        expect(new Set(seen.map(({ url }) => url))).toEqual(new Set(['/?n=1&a=1']));
        expect(calls).toBe(1);
        expect((config.paramsSerializer as typeof paramsSerializer).serialize === paramsSerializer.serialize).toBe(true);
        expect(config.params === params).toBe(true);
      });

      it(`transforms of requests (${adapter}, ${name})`, async () => {
        let calls = 0;
        await call({ method: 'put', data: {}, transformRequest: [() => `call ${++calls}`] });
        expect(new Set(seen.map(({ body }) => body))).toEqual(new Set(['call 1']));
      });

      it(`URLSearchParams, and what is written into them afterwards (${adapter}, ${name})`, async () => {
        const data = new URLSearchParams({ a: '1' });
        await call({ method: 'put', data }, () => data.append('b', '2'));
        expect(new Set(seen.map(({ body }) => body))).toEqual(new Set(['a=1']));
      });

      it(`bytes, and what is written into them once they are on the way (${adapter}, ${name})`, async () => {
        for (const data of [Buffer.from('bytes'), new Uint8Array(Buffer.from('bytes')).buffer]) {
          seen = [];
          await call({ method: 'put', data }, () => void new Uint8Array(data as ArrayBuffer).fill(120));
          expect(new Set(seen.map(({ body }) => body))).toEqual(new Set(['bytes']));
        }
      });

      it(`names of headers, in their own case (${adapter}, ${name})`, async () => {
        await call({ headers: { 'X-Own-Name': '1', 'x-LOWER': '2' } });
        const expected = adapter === 'fetch' ? [] : ['X-Own-Name', 'x-LOWER'];
        for (const { names } of seen) expect(names).toEqual(expect.arrayContaining(expected));
      });
    }
  }

  it('forms and streams are sent once', async () => {
    for (const data of [new FormData(), new Blob(['x']).stream(), (async function* () { yield* await Promise.resolve(['x']); })()]) {
      const hedger = new Hedger({ delay: 0, budget: false, methods: ['PUT'] });
      await hedgedClient(origin, { hedger, budget: undefined }, { adapter: 'fetch' }).put('/', data, { transformRequest: [(given: unknown) => given] }).catch(() => undefined);
      expect(hedger.stats()).toMatchObject({ eligible: 0 });
    }
  });
});

describe('configs and headers that do something when they are written to', () => {
  const good = (config: AxiosResponse['config']): AxiosResponse => ({ data: 'fine', status: 200, statusText: 'OK', headers: {}, config });

  it('an adapter that changes its config starts from the caller’s for every attempt', async () => {
    const urls: unknown[] = [];
    const signatures: unknown[] = [];
    const adapter: AxiosAdapter = async (config) => {
      const isFirst = urls.length === 0;
      config.url = `${String(config.url)}?signed`;
      config.headers.set('x-signatures', `${config.headers.has('x-signatures') ? 'again ' : ''}s`);
      urls.push(config.url);
      signatures.push(config.headers.get('x-signatures'));
      await turns(isFirst ? 20 : 1);
      return good(config);
    };
    await hedgedClient('http://a', { delay: 0 }, { adapter }).get('/path');
    expect({ urls, signatures }).toEqual({ urls: ['/path?signed', '/path?signed'], signatures: ['s', 's'] });
  });

  it('headers with setters are not written to for nothing', async () => {
    const written: string[] = [];
    class Guarded extends AxiosHeaders {}
    const headers = new Guarded({ 'X-Own': 'mine' });
    Object.defineProperty(headers, 'X-Set', { enumerable: true, configurable: true, get: () => 'same', set: (value: string) => void written.push(value) });
    let sent = 0;
    const adapter: AxiosAdapter = async (config) => (await turns(sent++ === 0 ? 20 : 1), good(config));
    const { hedgedAdapter } = await import('@hedgerow/axios');
    const options: AxiosHedgeOptions = { adapter, budget: false, delay: 0 };
    await hedgedAdapter(options)({ url: 'http://a/', method: 'get', headers });
    expect([sent, written]).toEqual([2, []]);
  });

  it('a header that tracing adds takes the place of the caller’s own, in its case, and goes no further', async () => {
    const sent: unknown[] = [];
    const adapter: AxiosAdapter = async (config) => {
      sent.push(Object.entries(config.headers.toJSON()).filter(([name]) => name.toLowerCase() === 'traceparent' || name === 'X-Own'));
      await turns(sent.length === 1 ? 20 : 1);
      return good(config);
    };
    const hedger = new Hedger({ delay: 0, budget: false });
    hedger.observe({ onCall: () => ({ onAttempt: () => ({ headers: { traceparent: 'ours' } }) }) });
    const client = hedgedClient('http://a', { hedger, budget: undefined, telemetry: false }, { adapter });
    const response = await client.get('/', { headers: { Traceparent: 'theirs', 'X-Own': 'mine' } });
    const both = [['Traceparent', 'ours'], ['X-Own', 'mine']];
    expect(sent).toEqual([both, both]);
    expect(response.config.headers).toMatchObject({ Traceparent: 'theirs', 'X-Own': 'mine' });
  });
});
