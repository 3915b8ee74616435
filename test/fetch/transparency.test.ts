import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, fetch as undiciFetch, FormData as UndiciFormData, Request as UndiciRequest } from 'undici';
import { Hedger } from '@hedgerow/core';
import { hedgedFetch, hedgeInfo, isHedge, type FetchHedgeOptions } from '@hedgerow/fetch';
import { startScriptedServer, type ReceivedRequest, type ScriptedServer } from '../support/scripted-server.js';
import { until } from '../support/wait.js';

type Fetch = typeof globalThis.fetch;

const eager: FetchHedgeOptions = { delay: 5, budget: false, methods: ['GET', 'PUT'] };

let server: ScriptedServer;
beforeEach(async () => void (server = await startScriptedServer()));
afterEach(() => server.close());

/** Lets the hedge of a call win, and shows both requests. */
async function hedgeWins(call: Promise<Response>): Promise<{ readonly primary: ReceivedRequest; readonly hedge: ReceivedRequest }> {
  const primary = await server.next();
  const hedge = await server.next();
  hedge.respond({ body: 'hedge' });
  expect(isHedge(await call)).toBe(true);
  return { primary, hedge };
}

describe('what goes in', () => {
  it.each(['text', 'URL', 'Request'])('may be %s', async (kind) => {
    const url = `${server.origin}/x?q=1`;
    const input = kind === 'text' ? url : kind === 'URL' ? new URL(url) : new Request(url, { headers: { 'x-own': '1' } });
    const { primary, hedge } = await hedgeWins(hedgedFetch(eager)(input));
    expect([primary.path, hedge.path]).toEqual(['/x?q=1', '/x?q=1']);
    expect(hedge.headers).toEqual(primary.headers);
  });

  it('merges init over a Request as fetch does', async () => {
    const request = new Request(`${server.origin}/x`, { method: 'POST', headers: { 'x-own': '1' }, body: 'request' });
    const { hedge, primary } = await hedgeWins(hedgedFetch(eager)(request, { method: 'PUT', headers: { 'x-init': '1' }, body: 'init' }));
    for (const sent of [primary, hedge]) {
      expect(sent.method).toBe('PUT');
      expect(sent.headers).toMatchObject({ 'x-init': '1' });
      expect(sent.headers).not.toHaveProperty('x-own');
      expect((await sent.body).toString()).toBe('init');
    }
  });

  it('may have another Request for init', async () => {
    const init = new Request('http://elsewhere.test/', { headers: { 'x-own': '1' }, method: 'PUT' });
    const { hedge } = await hedgeWins(hedgedFetch(eager)(`${server.origin}/here`, init));
    expect([hedge.method, hedge.path, hedge.headers['x-own']]).toEqual(['PUT', '/here', '1']);
  });

  const form = new FormData();
  form.set('a', 'ü');
  form.set('file', new File(['contents'], 'name.txt'));
  it.each([
    ['text', 'naïve'],
    ['a Buffer', randomBytes(1_000)],
    ['an ArrayBuffer', new Uint8Array([1, 2, 3]).buffer],
    ['a DataView', new DataView(new Uint8Array([0, 1, 2, 3]).buffer, 1, 2)],
    ['URLSearchParams', new URLSearchParams({ q: 'a b' })],
    ['a Blob', new Blob(['blob'], { type: 'text/x' })],
  ])('repeats %s and its headers', async (_kind, body) => {
    const { primary, hedge } = await hedgeWins(hedgedFetch(eager)(server.origin, { method: 'PUT', body }));
    expect((await hedge.body).equals(await primary.body)).toBe(true);
    expect(hedge.headers).toEqual(primary.headers);
  });

  it('repeats a form, each copy with a boundary of its own', async () => {
    const { primary, hedge } = await hedgeWins(hedgedFetch(eager)(server.origin, { method: 'PUT', body: form }));
    for (const { headers, body } of [primary, hedge]) {
      const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1] ?? 'none';
      const parts = (await body).toString().split(`--${boundary}`);
      expect(parts).toHaveLength(4); // before, two fields, after
      expect(parts[1]).toContain('name="a"\r\n\r\nü');
      expect(parts[2]).toContain('filename="name.txt"');
      expect(parts[2]).toContain('\r\n\r\ncontents');
    }
  });

  it.each([
    ['a Readable', () => ({ body: Readable.from(['once']) as unknown as ReadableStream, duplex: 'half' as const })],
    ['a stream', () => ({ body: new Blob(['once']).stream(), duplex: 'half' as const })],
  ])('sends %s once', async (_kind, init) => {
    const call = hedgedFetch(eager)(server.origin, { method: 'PUT', ...init() });
    const only = await server.next();
    expect((await only.body).toString()).toBe('once');
    only.respond();
    expect(hedgeInfo(await call)).toMatchObject({ ineligibleReason: 'body_not_replayable' });
  });

  it('sends a Request with a body once, and fails with a consumed one as fetch does', async () => {
    const request = new Request(server.origin, { method: 'PUT', body: 'once' });
    const call = hedgedFetch(eager)(request);
    const only = await server.next();
    expect((await only.body).toString()).toBe('once');
    only.respond();
    expect(hedgeInfo(await call)).toMatchObject({ ineligibleReason: 'body_not_replayable' });
    await expect(hedgedFetch(eager)(request)).rejects.toMatchObject({ name: 'TypeError' });
  });

  it('is copied as it was when fetch was called', async () => {
    const url = new URL(`${server.origin}/before`);
    const headers = new Headers({ authorization: 'first tenant' });
    const body = new Uint8Array([1, 2, 3]);
    const call = hedgedFetch({ ...eager, delay: 30 })(url, { method: 'PUT', headers, body });
    const primary = await server.next();
    url.pathname = '/after';
    headers.set('authorization', 'second tenant');
    body.fill(9);
    const hedge = await server.next();
    expect([hedge.path, hedge.headers.authorization]).toEqual(['/before', 'first tenant']);
    expect([...(await hedge.body)]).toEqual([1, 2, 3]);
    primary.respond();
    await call;
  });

  it("passes what only the wrapped fetch knows, like undici's dispatcher, and classes of its own", async () => {
    const dispatcher = new Agent({ headersTimeout: 60_000 });
    const dispatched: string[] = [];
    const spying = dispatcher.compose((dispatch) => (options, handler) => {
      dispatched.push(options.path);
      return dispatch(options, handler);
    });
    const hedged = hedgedFetch(undiciFetch, eager);
    const call = hedged(new UndiciRequest(`${server.origin}/own`), { dispatcher: spying });
    await server.next();
    (await server.next()).respond({ body: 'x' });
    expect(await (await call).text()).toBe('x');
    expect(dispatched).toEqual(['/own', '/own']);

    const body = new UndiciFormData();
    body.set('a', 'b');
    const sending = hedged(server.origin, { method: 'PUT', body, dispatcher: spying });
    await server.next();
    const hedge = await server.next();
    expect((await hedge.body).toString()).toContain('name="a"');
    hedge.respond();
    await sending;
    await dispatcher.destroy();
  });

  it('strips `hedge` before the wrapped fetch sees it, hedged or not', async () => {
    const seen: (RequestInit | undefined)[] = [];
    const inner = ((_input: string, init?: RequestInit) => {
      seen.push(init);
      return Promise.resolve(new Response());
    }) as Fetch;
    const hedged = hedgedFetch(inner);
    const init: RequestInit = { method: 'POST', keepalive: true };
    await hedged(server.origin, init);
    await hedged(server.origin, { ...init, hedge: { delay: 5 } });
    await hedged(server.origin, { hedge: false });
    await hedged(server.origin, { hedge: {} });
    await hedged(server.origin);
    expect(seen[0]).toBe(init);
    expect(seen[1]).toEqual(init);
    expect(seen[2]).toEqual({});
    expect(seen.slice(3).map((given) => Object.keys(given ?? {}))).toEqual([['signal'], ['signal']]);
  });
});

describe('what comes out', () => {
  it("is the wrapped fetch's own response", async () => {
    server.script((request) => {
      if (request.path === '/from') request.respond({ status: 302, headers: { location: '/to' } });
      else request.respond({ body: '{"a":1}', headers: { 'content-type': 'application/json' } });
    });
    const response = await hedgedFetch({ delay: 60_000 })(`${server.origin}/from`);
    const plain = await fetch(`${server.origin}/from`);
    for (const name of ['url', 'redirected', 'type', 'status', 'statusText', 'ok'] as const) expect(response[name]).toEqual(plain[name]);
    expect(response.redirected).toBe(true);
    expect(Object.prototype.toString.call(response)).toBe('[object Response]');
    const clone = response.clone();
    expect(clone.url).toBe(response.url);
    expect(await clone.json()).toEqual(await response.json());
    expect(await new Response((await hedgedFetch()(server.origin)).body).text()).toBe('{"a":1}');
  });

  it("is the wrapped fetch's own error, also for nonsense", async () => {
    const hedged = hedgedFetch();
    for (const [input, init] of [
      ['not a url', {}],
      ['http://127.0.0.1:1/', {}],
      [server.origin, { method: 'BAD METHOD' }],
      [server.origin, { method: 'GET', body: 'x' }],
      [server.origin, { headers: { 'bad name': 'x' } }],
      [server.origin, { headers: [['one']] as unknown as [string, string][] }],
      [server.origin, { redirect: 'error' as const, method: 'GET' }],
    ] as const) {
      server.script((request) => request.respond({ status: 302, headers: { location: '/' } }));
      const [mine, theirs] = await Promise.all([hedged, fetch].map((send) => send(input, init as RequestInit).catch((error: unknown) => error)));
      expect(mine).toMatchObject({ name: (theirs as Error).name, message: (theirs as Error).message });
      expect(String((mine as Error).cause)).toBe(String((theirs as Error).cause));
    }
  });
});

describe('hedgedFetch', () => {
  it('never hedges what is hedged already', async () => {
    const hedged = hedgedFetch(hedgedFetch(eager), eager);
    const call = hedged(server.origin);
    await server.next();
    (await server.next()).respond();
    await call;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.requests).toHaveLength(2);
  });

  it.each([
    [{ raceUntil: 'end' }, '`raceUntil`'],
    [{ hedger: {} }, '`hedger` must be a Hedger'],
    [{ hedger: new Hedger(), budget: false }, '`budget` belongs to a Hedger'],
    [{ hedging: true }, 'unknown option `hedging`'],
  ])('refuses %j', (options, message) => {
    expect(() => hedgedFetch(options as FetchHedgeOptions)).toThrow(message);
  });

  it('takes raceUntil for one request', async () => {
    const hedged = hedgedFetch(eager);
    const call = hedged(server.origin, { hedge: { raceUntil: 'body' } });
    const primary = await server.next();
    primary.open({ body: 'beginning, and no end' });
    (await server.next()).respond({ body: 'whole' });
    expect(await (await call).text()).toBe('whole');
    await until('the primary is closed', () => primary.isGone);
  });

  it('sends hedges where steering says, with what it leaves out', async () => {
    const other = await startScriptedServer();
    try {
      const hedged = hedgedFetch({ ...eager, targets: [server.origin, other.origin] });
      const request = new Request(`${server.origin}/a?b=1`, { headers: { authorization: 'secret', 'x-own': '1' } });
      for (const call of [() => hedged(request), () => hedged(`${server.origin}/a?b=1`, { headers: { authorization: 'secret', 'x-own': '1' } })]) {
        const answer = call();
        await server.next();
        const hedge = await other.next();
        expect([hedge.path, hedge.headers.authorization, hedge.headers['x-own']]).toEqual(['/a?b=1', undefined, '1']);
        hedge.respond();
        expect(isHedge(await answer)).toBe(true);
      }
    } finally {
      await other.close();
    }
  });
});
