import { once } from 'node:events';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable, Writable, type Duplex } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import {
  Client,
  fetch as undiciFetch,
  FormData,
  getGlobalDispatcher,
  H2CClient,
  MockAgent,
  Pool,
  request,
  setGlobalDispatcher,
  stream,
  upgrade,
  type Dispatcher,
} from 'undici';
import { Hedger, hedgeInfo, hedgeInterceptor, type HedgeInit } from '@hedgerow/fetch';
import { startScriptedServer, type ReceivedRequest } from '../support/scripted-server.js';
import { until, within } from '../support/wait.js';
import { eager, serve, UndiciStage } from './dispatching.js';

const stage = new UndiciStage();

/** Answers the hedge, and waits for the primary to be closed. */
async function hedgeAnswers(): Promise<void> {
  const [primary, hedge] = await stage.take(2);
  hedge?.respond({ body: 'hedge' });
  await within(5_000, 'the primary to be closed', primary?.gone ?? Promise.reject(new Error('no primary')));
}

/** Answers the only request, once a hedge would have come. */
async function answersOnce(): Promise<ReceivedRequest> {
  const only = await stage.server.next();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(stage.server.requests).toHaveLength(1);
  only.respond({ body: 'once' });
  return only;
}

describe('dispatchers', () => {
  it('a Pool is hedged by its own methods, which name no origin: the interceptor does', async () => {
    const hedger = new Hedger(eager);
    const asked: string[] = [];
    hedger.observe({ onCall: ({ request: { url } }) => void asked.push(url) });
    const pool = new Pool(stage.server.origin, { connections: 4 });
    const answer = pool.compose(hedgeInterceptor({ hedger, origin: stage.server.origin })).request({ path: '/items/42', method: 'GET', query: { q: 'a b', r: [1, 2] } });
    await hedgeAnswers();
    expect(await (await answer).body.text()).toBe('hedge');
    expect(asked).toEqual([`${stage.server.origin}/items/42?q=a%20b&r=1&r=2`]);
    expect(stage.server.requests.map(({ path }) => path)).toEqual(['/items/42?q=a%20b&r=1&r=2', '/items/42?q=a%20b&r=1&r=2']);
    expect(hedger.routes().map(({ key }) => key)).toEqual([`GET ${stage.server.origin}/items/:id (headers)`]);
    await pool.destroy();
  });

  it('a Pool is hedged without a name, too', async () => {
    const pool = new Pool(stage.server.origin, { connections: 4 });
    const answer = pool.compose(hedgeInterceptor(eager)).request({ path: '/', method: 'GET' });
    await hedgeAnswers();
    expect(await (await answer).body.text()).toBe('hedge');
    await pool.destroy();
  });

  it('the global dispatcher hedges what names none', async () => {
    const before = getGlobalDispatcher();
    try {
      setGlobalDispatcher(stage.hedged());
      const answer = undiciFetch(`${stage.server.origin}/global`);
      await hedgeAnswers();
      expect(await (await answer).text()).toBe('hedge');
      stage.server.script((received) => received.respond());
      await (await request(stage.server.origin)).body.dump();
      expect(stage.server.requests).toHaveLength(3);
    } finally {
      setGlobalDispatcher(before);
    }
  });

  it('HTTP/2 is hedged over one connection, and the loser is one stream that is reset', async () => {
    const reset: number[] = [];
    let streams = 0;
    const http2 = createHttp2Server();
    http2.on('stream', (stream) => {
      const number = streams++;
      stream.once('aborted', () => void reset.push(number));
      stream.on('error', () => undefined);
      if (number % 2 === 0) return;
      stream.respond({ ':status': 200 });
      stream.end('hedge');
    });
    await new Promise<void>((resolve) => http2.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(http2.address() as AddressInfo).port}`;
    const client = new H2CClient(origin, { pipelining: 10 });
    const dispatcher = client.compose(hedgeInterceptor(eager));
    for (let call = 0; call < 3; call++) expect(await (await dispatcher.request({ path: '/', method: 'GET' })).body.text()).toBe('hedge');
    await until('the losers are reset', () => reset.length === 3);
    expect(reset).toEqual([0, 2, 4]);
    await client.destroy();
    await new Promise((resolve) => http2.close(resolve));
  });

  it('a mocked one answers as ever', async () => {
    const mock = new MockAgent();
    mock.disableNetConnect();
    mock.get('http://mocked.test').intercept({ path: '/a' }).reply(200, 'mocked', { headers: { 'x-a': '1' } });
    const answer = await request('http://mocked.test/a', { dispatcher: mock.compose(hedgeInterceptor(eager)) });
    expect([answer.statusCode, answer.headers['x-a'], await answer.body.text()]).toEqual([200, '1', 'mocked']);
    await mock.close();
  });
});

describe("undici's methods", () => {
  it('stream() streams the winner', async () => {
    const body = Buffer.alloc(3_000_000, 'x');
    const chunks: Buffer[] = [];
    const slow = new Writable({
      highWaterMark: 10_000,
      write(chunk: Buffer, _encoding, callback) {
        chunks.push(chunk);
        setImmediate(callback);
      },
    });
    const done = stream(stage.server.origin, { dispatcher: stage.hedged(), method: 'GET', opaque: 'mine' }, ({ statusCode, opaque }) => {
      expect([statusCode, opaque]).toEqual([200, 'mine']);
      return slow;
    });
    const [primary, hedge] = await stage.take(2);
    hedge?.respond({ body });
    await done;
    expect(Buffer.concat(chunks).equals(body)).toBe(true);
    await within(5_000, 'the primary to be closed', primary?.gone ?? Promise.reject(new Error('no primary')));
  });

  it('pipeline() is sent once: its body is a stream', async () => {
    const chunks: Buffer[] = [];
    const duplex = stage.hedged({ ...eager, methods: ['PUT'] }).pipeline({ origin: stage.server.origin, path: '/', method: 'PUT' }, ({ body }) => body);
    const ended = once(duplex.on('data', (chunk: Buffer) => void chunks.push(chunk)), 'end');
    duplex.end('sent');
    const only = await answersOnce();
    await ended;
    expect([String(await only.body), Buffer.concat(chunks).toString()]).toEqual(['sent', 'once']);
  });

  it('upgrade() and connect() go past it', async () => {
    const hedger = new Hedger({ delay: 0, budget: false, methods: ['GET', 'CONNECT'] });
    const bypassed: string[] = [];
    hedger.observe({ onBypass: (_request, reason) => void bypassed.push(reason) });
    const dispatcher = stage.hedged({ hedger });
    await using upgrading = await serve(() => undefined);
    const http = upgrading.server;
    let sent = 0;
    http.on('upgrade', (_request, socket: Duplex) => {
      sent++;
      socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n');
    });
    http.on('connect', (_request, socket: Duplex) => {
      sent++;
      socket.end('HTTP/1.1 200 Connected\r\n\r\n');
    });
    const upgraded = await upgrade(upgrading.origin, { dispatcher, protocol: 'echo' });
    upgraded.socket.destroy();
    const tunnel = await dispatcher.connect({ origin: upgrading.origin, path: 'there:80' });
    tunnel.socket.destroy();
    expect(tunnel.statusCode).toBe(200);
    expect([sent, bypassed]).toEqual([2, ['unsupported', 'unsupported']]);
  });
});

describe('what is sent once', () => {
  const form = (): FormData => {
    const data = new FormData();
    data.append('a', '1');
    return data;
  };
  async function* lines(): AsyncGenerator<string> {
    yield await Promise.resolve('line');
  }

  it.each([
    ['a form', form],
    ['a stream', () => Readable.from(['chunk'])],
    ['a stream that was piped', () => Readable.from(['chunk']).pipe(new PassThrough())],
    ['an async iterable', lines],
    ['an iterable', () => ['chunk'].values()],
  ])('%s as a body', async (_what, make) => {
    const answer = request(stage.server.origin, { dispatcher: stage.hedged({ ...eager, methods: ['PUT'] }), method: 'PUT', body: make() as Readable });
    const only = await answersOnce();
    expect((await only.body).length).toBeGreaterThan(0);
    expect(hedgeInfo(await answer)).toMatchObject({ eligible: false, ineligibleReason: 'body_not_replayable' });
  });

  it('what waits for a 100 before it sends its body', async () => {
    const hedger = new Hedger({ ...eager, methods: ['PUT'] });
    const answer = request(stage.server.origin, { dispatcher: stage.hedged({ hedger }), method: 'PUT', body: 'x', expectContinue: true });
    await answersOnce();
    await (await answer).body.dump();
    expect(hedger.stats()).toMatchObject({ calls: 1, eligible: 0 });
  });

  it('what `hedge: false` says', async () => {
    const once: HedgeInit = { hedge: false };
    const answer = request(stage.server.origin, { dispatcher: stage.hedged(), ...once });
    await answersOnce();
    expect(hedgeInfo(await answer)).toMatchObject({ ineligibleReason: 'disabled' });
  });

  it('what an interceptor of a pool, and one of its agent, would both hedge: twice in all, not four times', async () => {
    const dispatcher = stage.agent.compose(hedgeInterceptor(eager), hedgeInterceptor(eager));
    const answer = request(stage.server.origin, { dispatcher });
    const [, hedge] = await stage.take(2);
    await new Promise((resolve) => setTimeout(resolve, 50));
    hedge?.respond();
    await (await answer).body.dump();
    expect(stage.server.requests).toHaveLength(2);
  });
});

describe('copies', () => {
  it.each([
    ['a string', 'naïve'],
    ['a buffer', Buffer.from('naïve')],
    ['a view of a part', new Uint8Array(Buffer.from('xxnaïvexx')).subarray(2, 8)],
    ['a Blob', new Blob(['naïve'])],
  ])('repeat %s as it was, whatever its owner does to it', async (_what, body) => {
    const dispatcher = stage.hedged({ ...eager, methods: ['PUT'] });
    const headers = { 'x-a': 'as it was', 'content-type': 'text/plain' };
    const options = { dispatcher, method: 'PUT' as const, body: body as Buffer, headers };
    const answer = request(stage.server.origin, options);
    const primary = await stage.server.next();
    expect(String(await primary.body)).toBe('naïve');
    if (typeof body !== 'string' && 'fill' in body) body.fill(0);
    headers['x-a'] = 'changed';
    const hedge = await stage.server.next();
    expect([String(await hedge.body), hedge.headers['x-a'], hedge.headers['content-type']]).toEqual(['naïve', 'as it was', 'text/plain']);
    hedge.respond();
    await (await answer).body.dump();
  });

  const pairs = function* (): Generator<[string, string]> {
    yield ['X-A', '1'];
    yield ['x-b', '2'];
  };
  it.each([
    ['an object', () => ({ 'X-A': '1', 'x-b': ['2'] })],
    ['names and values in turn', () => ['X-A', '1', 'x-b', '2']],
    ['a Map', () => new Map([['X-A', '1'], ['x-b', '2']])],
    ['Headers', () => new Headers({ 'X-A': '1', 'x-b': '2' })],
    ['a generator', pairs],
  ])('have the headers of the primary, given as %s', async (_what, make) => {
    const answer = request(stage.server.origin, { dispatcher: stage.hedged({ ...eager, markHedges: 'x-copy' }), headers: make() as string[] });
    const [primary, hedge] = await stage.take(2);
    expect(primary?.headers).toMatchObject({ 'x-a': '1', 'x-b': '2' });
    expect(hedge?.headers).toEqual({ ...primary?.headers, 'x-copy': '1' });
    hedge?.respond();
    await (await answer).body.dump();
  });

  it('have headers that can be read only once, also where a decision needed one of them', async () => {
    const dispatcher = stage.hedged({ ...eager, idempotencyKey: true });
    function* keyed(): Generator<[string, string]> {
      yield ['idempotency-key', 'k'];
      yield ['x-a', '1'];
    }
    const answer = request(stage.server.origin, { dispatcher, method: 'POST', body: 'pay', headers: keyed() as unknown as string[] });
    for (const { headers } of await stage.take(2)) expect(headers).toMatchObject({ 'idempotency-key': 'k', 'x-a': '1' });
    stage.server.requests[1]?.respond();
    await (await answer).body.dump();
  });

  it("have what is left of the request's headersTimeout", async () => {
    const limits: unknown[] = [];
    const noting: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
      limits.push(options.headersTimeout);
      return dispatch(options, handler);
    };
    const dispatcher = stage.agent.compose(noting, hedgeInterceptor({ ...eager, delay: 100 }));
    const answer = request(stage.server.origin, { dispatcher, headersTimeout: 500 });
    const attempts = await stage.take(2);
    await expect(answer).rejects.toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
    await Promise.all(attempts.map(({ gone }) => gone));
    expect(limits).toEqual([500, expect.any(Number)]);
    expect(limits[1]).toBeLessThanOrEqual(401);
  });

  it('go to another target of an Agent, with a host of its own', async () => {
    const other = await startScriptedServer();
    try {
      const headers = { host: 'named.test', authorization: 'secret' };
      const answer = request(`${stage.server.origin}/a`, { dispatcher: stage.hedged({ ...eager, targets: [stage.server.origin, `${other.origin}/base`] }), headers, query: { q: 1 } });
      const primary = await stage.server.next();
      const hedge = await other.next();
      expect([primary.headers.host, primary.path]).toEqual(['named.test', '/a?q=1']);
      expect([hedge.headers.host, hedge.headers.authorization, hedge.path]).toEqual([new URL(other.origin).host, undefined, '/base/a?q=1']);
      hedge.respond();
      await (await answer).body.dump();
    } finally {
      await other.close();
    }
  });
});

describe('options', () => {
  it('are checked when the interceptor is made', () => {
    expect(() => hedgeInterceptor({ delay: -1 })).toThrow('delay');
    expect(() => hedgeInterceptor({ origin: '/relative' })).toThrow('hedgerow: option `origin` must be an absolute URL');
    expect(() => hedgeInterceptor({ unknown: 1 } as object)).toThrow('unknown');
  });

  it('of one request are checked when it is dispatched', async () => {
    const bad: HedgeInit = { hedge: { maxHedges: -1 } };
    await expect(request(stage.server.origin, { dispatcher: stage.hedged(), ...bad })).rejects.toThrow('maxHedges');
    expect(stage.server.requests).toHaveLength(0);
  });

  it('fit dispatchers of every kind', async () => {
    const client = new Client(stage.server.origin);
    for (const dispatcher of [stage.agent, client]) expect(typeof dispatcher.compose(hedgeInterceptor()).dispatch).toBe('function');
    await client.destroy();
  });
});
