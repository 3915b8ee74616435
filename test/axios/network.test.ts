import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import * as http from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { AxiosRequestConfig, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { hedgeInfo } from '@hedgerow/axios';
import { until } from '../support/wait.js';
import { STRAGGLE } from './playground.js';
import { hedgedClient, sameAsPlain, visible, winningClient, withPlayground, wonByHedge } from './variants.js';

withPlayground('connections', (playground) => {
  const trusting = new TlsAgent({ rejectUnauthorized: false, keepAlive: true });
  const kept = new Agent({ keepAlive: true });
  afterAll(() => {
    trusting.destroy();
    kept.destroy();
  });

  sameAsPlain(
    'https',
    playground,
    async (make, { tlsOrigin }) => visible(await make({ baseURL: tlsOrigin, httpsAgent: trusting }).get('/echo')),
    (outcome) => expect(outcome).toMatchObject({ status: 200, data: { url: '/echo' } }),
  );

  for (const [from, to] of [
    ['http', 'https'],
    ['https', 'http'],
  ] as const) {
    sameAsPlain(
      `a redirect from ${from} to ${to}`,
      playground,
      async (make, { origin, tlsOrigin }) => {
        const hops: unknown[] = [];
        const client = make({
          baseURL: from === 'http' ? origin : tlsOrigin,
          httpsAgent: trusting,
          beforeRedirect: (options, { statusCode, headers }) => {
            options.headers = { ...(options.headers as object), 'x-hop': headers['set-cookie']?.[0] };
            hops.push(statusCode);
          },
        });
        const response = await client.get<{ headers: unknown }>(`/redirect?to={${to}}/echo`);
        return { ...(visible(response) as object), hops };
      },
      (outcome) => expect(outcome).toMatchObject({ data: { headers: { 'x-hop': 'hop=1' } }, hops: [302] }),
    );
  }

  sameAsPlain(
    'an untrusted certificate',
    playground,
    async (make, { tlsOrigin }) => make({ baseURL: tlsOrigin }).get('/echo').catch((error: unknown) => (error as { code: unknown }).code),
    (outcome) => expect(outcome).toBe('DEPTH_ZERO_SELF_SIGNED_CERT'),
  );

  sameAsPlain(
    'socketPath',
    playground,
    async (make, { socketPath }) => visible(await make({ socketPath, baseURL: 'http://localhost' }).get('/echo')),
    (outcome) => expect(outcome).toMatchObject({ data: { url: '/echo' } }),
  );

  const transport = { request: (...args: Parameters<typeof http.request>) => http.request(...args) };
  const ways: [string, (origin: string) => AxiosRequestConfig][] = [
    ['lookup by callback', (origin) => ({ ...elsewhere(origin), lookup: (_name, _options, found) => found(null, '127.0.0.1', 4) })],
    ['lookup by promise', (origin) => ({ ...elsewhere(origin), lookup: async () => await Promise.resolve('127.0.0.1') })],
    ['family', () => ({ family: 4 })],
    ['transport', () => ({ transport })],
    ['an agent that keeps connections', () => ({ httpAgent: kept })],
  ];
  for (const [name, config] of ways) {
    sameAsPlain(
      name,
      playground,
      async (make, { origin }) => visible(await make(config(origin)).get('/echo')),
      (outcome) => expect(outcome).toMatchObject({ data: { url: '/echo' } }),
    );
  }

  it('keep-alive: calls without a hedge share a connection as in plain axios', async () => {
    const { origin, arrivals } = playground();
    const before = arrivals.length;
    const client = hedgedClient(origin, { delay: 60_000 }, { httpAgent: new Agent({ keepAlive: true, maxSockets: 1 }) });
    for (let i = 0; i < 5; i++) await client.get('/echo');
    await Promise.all([client.get('/echo'), client.get('/bytes/10')]);
    expect(new Set(arrivals.slice(before).map(({ port }) => port)).size).toBe(1);
  });

  it('a loser is closed by us; with losers: "drain" its connection lives on', async () => {
    const { origin, arrivals } = playground();
    const before = arrivals.length;
    await winningClient(origin).get('/echo');
    await until('the loser is gone', () => arrivals[before]?.isGone === true);

    const agent = new Agent({ keepAlive: true });
    const client = hedgedClient(origin, { delay: 5, losers: 'drain' }, { httpAgent: agent });
    const response = await client.get('/slow-bytes/1000?pieces=5');
    expect(response.data).toHaveLength(1000);
    await until('both connections are free', () => Object.values(agent.freeSockets).flat().length === 2);
    expect(arrivals.slice(before + 2).map(({ isGone }) => isGone)).toEqual([false, false]);
    agent.destroy();
  });

  it('losers whose stream has arrived whole are drained, so that their connections live on', async () => {
    const agent = new Agent({ keepAlive: true });
    const client = hedgedClient(playground().origin, { delay: [0, 0], accept: ({ attempt }) => attempt === 2 }, { httpAgent: agent });
    const response = await client.get<Readable>('/bytes/500', { responseType: 'stream' });
    expect(hedgeInfo(response)).toMatchObject({ attempts: 3, winner: 2 });
    expect(hedgeInfo(response)?.key).toMatch(/\(headers\)$/);
    expect(await buffer(response.data)).toHaveLength(500);
    await until('all connections are free', () => Object.values(agent.freeSockets).flat().length === 3);
    agent.destroy();
  });

  it('a stream that comes after its attempt was aborted is destroyed', async () => {
    const streams: Readable[] = [];
    const adapter = async (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => {
      const data = new Readable({ read: () => undefined });
      const isHedge = streams.push(data) > 1;
      await new Promise((resolve) => setTimeout(resolve, isHedge ? 1 : 30));
      return { data, status: 200, statusText: '', headers: {}, config };
    };
    const response = await hedgedClient('http://a', { delay: 0 }, { adapter }).get<Readable>('/', { responseType: 'stream' });
    const [late, winner] = streams;
    expect(response.data).toBe(winner);
    await until('the late stream is destroyed', () => late?.destroyed === true);
    expect(winner?.destroyed).toBe(false);
  });
});

withPlayground('proxies', (playground) => {
  const saved = process.env.http_proxy;
  beforeAll(() => {
    delete process.env.http_proxy;
  });
  afterAll(() => {
    if (saved !== undefined) process.env.http_proxy = saved;
    else delete process.env.http_proxy;
  });

  sameAsPlain(
    'proxy, with auth',
    playground,
    async (make, { proxyPort }) => {
      const proxy = { host: '127.0.0.1', port: proxyPort, auth: { username: 'me', password: 'secret' } };
      return visible(await make({ proxy }).get('/echo'));
    },
    (outcome) => expect(outcome).toMatchObject({ headers: { 'x-proxied': 'Basic bWU6c2VjcmV0' } }),
  );

  sameAsPlain(
    'a proxy from the environment',
    playground,
    async (make, { proxyPort }) => {
      process.env.http_proxy = `http://127.0.0.1:${proxyPort}`;
      const through = visible(await make().get('/echo'));
      const past = visible(await make({ proxy: false }).get('/echo'));
      delete process.env.http_proxy;
      return { through, past };
    },
    (outcome) => {
      expect(outcome).toHaveProperty('through.headers.x-proxied', 'yes');
      expect(outcome).not.toHaveProperty('past.headers.x-proxied');
    },
  );
});

withPlayground('the fetch adapter', (playground) => {
  const cases: [string, string, AxiosRequestConfig][] = [
    ['JSON', '/echo?a=1', { params: { b: 2 } }],
    ['headers', '/echo', { headers: { 'X-Own': 'mine' }, auth: { username: 'me', password: 'it' } }],
    ['arraybuffer', '/bytes/10', { responseType: 'arraybuffer' }],
    ['text', '/gzip', { responseType: 'text' }],
    ['a redirect', '/redirect?to=/echo', {}],
    ['an allowed status', '/status/404', { validateStatus: null }],
  ];
  for (const [name, url, config] of cases) {
    sameAsPlain(
      name,
      playground,
      async (make) => visible(await make({ adapter: 'fetch' }).get(url, config)),
      () => undefined,
    );
  }

  sameAsPlain(
    'blob',
    playground,
    async (make) => (await make({ adapter: 'fetch' }).get<Blob>('/bytes/10', { responseType: 'blob' })).data.text(),
    (outcome) => expect(outcome).toBe('xxxxxxxxxx'),
  );

  for (const signal of [undefined, new AbortController().signal]) {
    sameAsPlain(
      `stream, ${signal ? 'with' : 'without'} a signal`,
      playground,
      async (make) => {
        const config: AxiosRequestConfig = { responseType: 'stream', ...(signal && { signal }) };
        const { data } = await make({ adapter: 'fetch' }).get<ReadableStream>('/bytes/300000', config);
        return (await new Response(data).arrayBuffer()).byteLength;
      },
      (outcome) => expect(outcome).toBe(300_000),
    );
  }

  it('is what the hedge was sent by', async () => {
    const response = await winningClient(playground().origin, { adapter: 'fetch' }).get('/echo');
    expect(wonByHedge(response)).toBe(true);
    expect(response.request).toBeInstanceOf(Request);
    expect((response.request as Request).headers.get(STRAGGLE)).toMatch(/^straggler/);
  });

  it('a stream can be cancelled by the caller’s signal, and given up by its reader', async () => {
    const { origin, arrivals } = playground();
    const controller = new AbortController();
    const client = winningClient(origin, { adapter: 'fetch', responseType: 'stream' });
    const first = await client.get<ReadableStream<Uint8Array>>('/slow-bytes/4000?pieces=400', { signal: controller.signal });
    const reader = first.data.getReader();
    await reader.read();
    controller.abort();
    await expect(readAll(reader)).rejects.toThrow();

    const again = await hedgedClient(origin, { delay: 60_000 }, { adapter: 'fetch', responseType: 'stream' }).get<
      ReadableStream<Uint8Array>
    >('/slow-bytes/4000?pieces=400', { signal: new AbortController().signal });
    await again.data.cancel();
    await until('the server has noticed', () => arrivals.at(-1)?.isGone === true);
  });
});

/** A name that only `lookup` can resolve. */
function elsewhere(origin: string): AxiosRequestConfig {
  return { baseURL: origin.replace('127.0.0.1', 'service.invalid'), proxy: false };
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  for (;;) if ((await reader.read()).done) return;
}
