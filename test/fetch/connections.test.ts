import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client, fetch as undiciFetch, H2CClient, Pool, request, type Dispatcher } from 'undici';
import { Hedger, hedgedFetch, hedgeInterceptor, type HedgerOptions } from '@hedgerow/fetch';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { turns, until, within } from '../support/wait.js';

type Ask = (path?: string, signal?: AbortSignal) => Promise<string>;
type Make = (dispatcher: Dispatcher, origin: string, hedger: Hedger) => Ask;

const hedgings: Readonly<Record<string, Make>> = {
  hedgedFetch: (dispatcher, origin, hedger) => {
    const fetch = hedgedFetch(undiciFetch, { hedger, telemetry: false });
    return async (path = '/', signal) => (await fetch(origin + path, { dispatcher, ...(signal && { signal }) })).text();
  },
  'hedgeInterceptor under request': (dispatcher, origin, hedger) => {
    const hedging = dispatcher.compose(hedgeInterceptor({ hedger, origin, telemetry: false }));
    return async (path = '/', signal) => (await request(origin + path, { dispatcher: hedging, signal: signal ?? null })).body.text();
  },
  'hedgeInterceptor under fetch': (dispatcher, origin, hedger) => {
    const hedging = dispatcher.compose(hedgeInterceptor({ hedger, origin, telemetry: false }));
    return async (path = '/', signal) => (await undiciFetch(origin + path, { dispatcher: hedging, ...(signal && { signal }) })).text();
  },
};

const eager: HedgerOptions = { delay: 10, budget: false, efficacy: false };

describe.each(Object.entries(hedgings))('connections of HTTP/1.1, by %s', (_name, make) => {
  let server: ScriptedServer;
  let dispatcher: Dispatcher.ComposedDispatcher | Pool | Client;
  beforeEach(async () => void (server = await startScriptedServer()));
  afterEach(async () => {
    await dispatcher.destroy();
    await server.close();
  });

  it('that carry one request are closed with a loser, at once', async () => {
    dispatcher = new Pool(server.origin, { connections: 4 });
    const ask = make(dispatcher, server.origin, new Hedger(eager));
    const answer = ask();
    const [primary, hedge] = [await server.next(), await server.next()];
    hedge.respond({ body: 'hedge' });
    expect(await answer).toBe('hedge');
    await within(5_000, 'the loser to be closed', primary.gone);
  });

  it('that carry several keep them all, whoever loses', async () => {
    dispatcher = new Pool(server.origin, { connections: 2, pipelining: 4 });
    const hedger = new Hedger(eager);
    const ask = make(dispatcher, server.origin, hedger);
    server.script((received) => void setTimeout(() => received.respond({ body: received.path }), 25));
    const paths = Array.from({ length: 24 }, (_, number) => `/${number}`);
    const answers = await Promise.all(
      paths.map(async (path, number) => {
        await new Promise((resolve) => setTimeout(resolve, number * 4));
        return ask(path);
      }),
    );
    expect(answers).toEqual(paths);
    await until('all are answered', () => server.waiting.length === 0);
    expect(hedger.stats().attempts.hedge).toBeGreaterThan(0);
    // Nothing was torn down under a request that is still wanted, and sent again.
    const primaries = server.requests.filter(({ isGone }) => !isGone);
    expect(new Set(primaries.map(({ path }) => path)).size).toBe(paths.length);
  });

  it('keep a request whose body is under way when a copy behind it has lost', async () => {
    dispatcher = new Pool(server.origin, { connections: 1, pipelining: 2 });
    const ask = make(dispatcher, server.origin, new Hedger(eager));
    const first = ask('/first');
    const one = await server.next();
    await new Promise((resolve) => setTimeout(resolve, 30)); // its copy waits behind it
    const open = one.open({ headers: { 'content-length': '8' } });
    await open.write('half');
    await turns();
    await new Promise((resolve) => setTimeout(resolve, 30)); // the copy has lost, and its turn comes
    await open.write('rest');
    expect(await within(5_000, 'the body', first)).toBe('halfrest');
    expect(server.openSockets).toBe(1);
    for (const each of server.requests.slice(1)) each.respond();
  });
});

describe('a copy that is still waiting for its turn when it has lost', () => {
  it('is not sent, and closes nothing', async () => {
    const server = await startScriptedServer();
    const client = new Client(server.origin);
    try {
      server.script((received) => void setTimeout(() => received.respond({ body: received.path }), 30));
      const ask = hedgings['hedgeInterceptor under request']?.(client, server.origin, new Hedger(eager));
      for (let number = 0; number < 10; number++) expect(await ask?.(`/${number}`)).toBe(`/${number}`);
      expect(server.requests).toHaveLength(10);
      expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(1);
    } finally {
      await client.destroy();
      await server.close();
    }
  });
});

describe.each(Object.entries(hedgings))('streams of HTTP/2, by %s', (_name, make) => {
  let http2: Http2Server;
  let origin: string;
  let streams: ServerHttp2Stream[];
  let reset: ServerHttp2Stream[];
  let client: Dispatcher & { destroy(): Promise<void> };
  beforeEach(async () => {
    streams = [];
    reset = [];
    http2 = createHttp2Server();
    http2.on('stream', (stream) => {
      const number = streams.push(stream) - 1;
      stream.once('aborted', () => void reset.push(stream));
      stream.on('error', () => undefined);
      if (number % 2 === 0) return;
      stream.respond({ ':status': 200 });
      stream.end('hedge');
    });
    await new Promise<void>((resolve) => http2.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(http2.address() as AddressInfo).port}`;
    client = new H2CClient(origin, { pipelining: 100 });
  });
  afterEach(async () => {
    await client.destroy();
    await new Promise((resolve) => http2.close(resolve));
  });

  it('are reset at once, as long as their connection bears it, and then are let to end', async () => {
    const ask = make(client, origin, new Hedger({ ...eager, maxResetsPerSecond: 0.2 })); // of which 4 may come at once
    for (let call = 0; call < 12; call++) expect(await ask()).toBe('hedge');
    await until('the first losers are reset', () => reset.length >= 4);
    await turns();
    expect(reset.length).toBeLessThanOrEqual(5);
    // The others end as if somebody waited for them.
    for (const stream of streams) if (!stream.headersSent && !stream.destroyed) stream.respond({ ':status': 200 });
    for (const stream of streams) if (!stream.destroyed && !stream.writableEnded) stream.end(Buffer.alloc(200_000));
    await until('all have ended', () => streams.every(({ destroyed }) => destroyed));
    expect(reset.length).toBeLessThanOrEqual(5);
  });

  it('are reset for a caller who gives up, whatever the connection bears, and count', async () => {
    const ask = make(client, origin, new Hedger({ ...eager, delay: 60_000, maxResetsPerSecond: 0.1 })); // of which 2 may come at once
    for (let call = 0; call < 6; call++) {
      const controller = new AbortController();
      const before = streams.length;
      const answer = ask('/', controller.signal);
      if (before % 2 === 1) {
        await answer;
        continue;
      }
      await until('it has come', () => streams.length > before);
      controller.abort();
      await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
      await until('its stream is reset', () => reset.length === before / 2 + 1);
    }
  });
});
