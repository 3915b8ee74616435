import { once } from 'node:events';
import http, { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import got, { type Got } from 'got';
import { createHedgePlugin, Hedger, hedgeInfo, type GotHedgeOptions } from '@hedgerow/got';
import { until } from '../support/wait.js';
import { hedgedClient } from './variants.js';

const MARKER = 'x-copy';

/** A server that counts, and answers copies and originals as the test says. */
let server: Server;
let origin: string;
let requests: number;
let connections: number;
let onPrimary: (response: ServerResponse) => void;
let onHedge: (response: ServerResponse) => void;

beforeEach(async () => {
  requests = connections = 0;
  server = createServer((request, response) => {
    requests++;
    response.on('error', () => undefined);
    (request.headers[MARKER] === undefined ? onPrimary : onHedge)(response);
  });
  server.on('connection', () => connections++);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const hedging = (options: GotHedgeOptions = {}): Got => hedgedClient({ delay: 0, markHedges: MARKER, ...options });

describe('an agent with a limit', () => {
  const pools: [string, http.AgentOptions][] = [
    ['maxSockets', { maxSockets: 1 }],
    ['maxSockets, kept alive', { keepAlive: true, maxSockets: 1 }],
    ['maxTotalSockets', { keepAlive: true, maxTotalSockets: 1 }],
  ];
  for (const raceUntil of ['headers', 'body'] as const) {
    it.each(pools)(`sends no hedge that would wait behind its primary (%s, raced to the ${raceUntil})`, async (_, pool) => {
      const agent = new http.Agent(pool);
      const hedger = new Hedger({ raceUntil, delay: 10, budget: false, markHedges: MARKER });
      const client = hedgedClient({ hedger, budget: undefined });
      const refused = (): number => hedger.stats().suppressions.connections;
      for (let call = 0; call < 5; call++) {
        onPrimary = onHedge = (response) => void until('a hedge is due', () => refused() > call).then(() => response.end('ok'));
        const response = await client(origin, { agent: { http: agent } });
        expect(response.body).toBe('ok');
        expect(hedgeInfo(response)).toMatchObject({ attempts: 1, suppressionReason: 'connections' });
      }
      expect(requests).toBe(5);
      expect(connections).toBe(pool.keepAlive === true ? 1 : 5);
      agent.destroy();
    });
  }

  it('counts what waits in it', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
    onPrimary = onHedge = (response) => void setTimeout(() => response.end('ok'), 60);
    const client = hedging({ delay: 20 });
    await Promise.all(Array.from({ length: 6 }, () => client(origin, { agent: { http: agent } })));
    expect([requests, connections]).toEqual([6, 2]);
    agent.destroy();
  });

  it.each([
    ['room in it', () => new http.Agent({ maxSockets: 2 })],
    ['a free connection', () => new http.Agent({ keepAlive: true, maxSockets: 2 })],
    ['no limit', () => new http.Agent({ keepAlive: true })],
    ['no pool', () => false as const],
  ])('does not keep a hedge back where there is %s', async (_, make) => {
    const agent = make();
    onPrimary = () => undefined;
    onHedge = (response) => void response.end('from the hedge');
    const response = await hedging({ delay: 10 })(origin, { agent: { http: agent } });
    expect(response.body).toBe('from the hedge');
    if (agent) agent.destroy();
  });

  it('does not keep a hedge back that goes elsewhere', async () => {
    const other = createServer((_request, response) => void response.end('from elsewhere')).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const agent = new http.Agent({ maxSockets: 1 });
    onPrimary = () => undefined;
    const targets = [origin, `http://127.0.0.1:${(other.address() as AddressInfo).port}`];
    const response = await hedging({ delay: 10, targets })(origin, { agent: { http: agent } });
    expect(response.body).toBe('from elsewhere');
    other.close();
    agent.destroy();
  });

  it.each([{}, { maxSockets: 1 }, { maxSockets: 1, sockets: null, freeSockets: undefined }])('takes no agent for more than it says of itself: %j', async (odd) => {
    onPrimary = (response) => void setTimeout(() => response.end('ok'), 30);
    onHedge = (response) => void response.end('ok');
    const request = (url: URL, options: object, callback: never): http.ClientRequest =>
      Object.defineProperty(http.request(url, options, callback), 'agent', { value: odd });
    expect(await hedging({ delay: 10 })(origin, { request: request as never }).text()).toBe('ok');
  });
});

describe('a hedge that has failed', () => {
  /** Sends more than any buffer takes, for as long as somebody reads. */
  const endless = (response: ServerResponse): void => {
    const piece = Buffer.alloc(65_536);
    const go = (): void => {
      while (!response.destroyed && response.write(piece));
      if (!response.destroyed) response.once('drain', go);
    };
    response.writeHead(500);
    go();
  };
  let isClosed: boolean;
  let finishPrimary: () => void;
  beforeEach(() => {
    isClosed = false;
    onPrimary = (response) => (finishPrimary = () => void response.end('primary'));
    onHedge = (response) => {
      response.once('close', () => (isClosed = true));
      endless(response);
    };
  });

  it.each(['promise', 'stream'])('is closed while its primary goes on (%s)', async (way) => {
    const client = hedging();
    const call = way === 'promise' ? client(origin).text() : (await import('node:stream/consumers')).text(client.stream(origin));
    await until('the hedge is closed', () => isClosed);
    finishPrimary();
    expect(await call).toBe('primary');
  });

  it('is read on if draining was asked for, for as long as that', async () => {
    const startedAtMs = performance.now();
    const call = hedging({ losers: { drainMs: 200 } })(origin).text();
    await until('the hedge is closed', () => isClosed);
    expect(performance.now() - startedAtMs).toBeGreaterThan(190);
    finishPrimary();
    expect(await call).toBe('primary');
  });

  it('leaves its connection to others if all of its answer is here', async () => {
    const agent = new http.Agent({ keepAlive: true });
    let hedges = 0;
    onHedge = (response) => {
      hedges++;
      response.writeHead(500, { 'content-length': '4' }).end('fail');
    };
    onPrimary = (response) => void setTimeout(() => response.end('primary'), 60);
    const client = hedging({ efficacy: false });
    for (let call = 0; call < 5; call++) expect(await client(origin, { agent: { http: agent } }).text()).toBe('primary');
    expect(hedges).toBe(5);
    expect(connections).toBe(2);
    agent.destroy();
  });
});

describe('what two attempts share', () => {
  it('survives the loser: one response that a request function gives to both', async () => {
    let shared: Promise<http.IncomingMessage> | undefined;
    onPrimary = (response) => {
      response.write('one ');
      setTimeout(() => response.end('answer'), 60);
    };
    const request = (url: URL): Promise<http.IncomingMessage> =>
      (shared ??= new Promise((resolve, reject) => http.get(url, resolve).on('error', reject)));
    for (const losers of ['abort', 'drain'] as const) {
      shared = undefined;
      expect(await hedging({ losers })(origin, { request: request }).text()).toBe('one answer');
    }
    expect(requests).toBe(2);
  });

  it('survives the loser: one request that a request function gives to both', async () => {
    let shared: http.ClientRequest | undefined;
    onPrimary = (response) => {
      response.write('one ');
      setTimeout(() => response.end('answer'), 60);
    };
    const request = (url: URL): http.ClientRequest => (shared ??= http.request(url));
    expect(await hedging({ delay: 5 })(origin, { request: request }).text()).toBe('one answer');
    expect(requests).toBe(1);
  });
});

describe('what a hedge is sent with', () => {
  it('is what the primary was sent with, whatever the request function did to it', async () => {
    const seen: unknown[] = [];
    onPrimary = () => undefined;
    onHedge = (response) => void response.end('ok');
    const signing = (url: URL, options: http.RequestOptions & { headers: Record<string, string> }): http.ClientRequest => {
      url.searchParams.append('signature', '1');
      options.headers['x-signed'] = `${options.headers['x-signed'] ?? ''}1`;
      options.timeout = (options.timeout ?? 0) + 60_000;
      seen.push([url.search, options.headers['x-signed'], options.timeout]);
      return http.request(url, options);
    };
    await hedging({ delay: 5 })(`${origin}/`, { request: signing as never });
    expect(seen).toEqual([['?signature=1', '1', 60_000], ['?signature=1', '1', 60_000]]);
  });

  it('is the body as it was when the primary was sent', async () => {
    const bodies: string[] = [];
    server.removeAllListeners('request');
    server.on('request', (request: http.IncomingMessage, response: ServerResponse) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => void chunks.push(chunk));
      request.on('end', () => {
        bodies.push(Buffer.concat(chunks).toString());
        if (bodies.length === 2) response.end('ok');
      });
    });
    const body = Buffer.from('as it was');
    const call = hedging({ delay: 60, methods: ['PUT'] }).put(origin, { body });
    await until('the primary is there', () => bodies.length === 1);
    body.fill('x');
    await call;
    expect(bodies).toEqual(['as it was', 'as it was']);
  });

  it('keeps the case of the names of headers when others are added, and none comes twice', async () => {
    const heads: string[][] = [];
    server.removeAllListeners('request');
    server.on('request', (request: http.IncomingMessage, response: ServerResponse) => {
      heads.push(request.rawHeaders);
      if (heads.length !== 2) response.end('ok');
    });
    const hedger = new Hedger({ delay: 5, budget: false });
    hedger.observe({ onCall: () => ({ onAttempt: () => ({ headers: { traceparent: '00-new', baggage: 'b=1' } }) }) });
    const asked = { 'X-Case': '1', Baggage: 'a=1', TraceParent: '00-old' };
    const named = (options: { headers: object }): void => void Object.assign(options.headers, asked);
    const client = got.extend({ hooks: { beforeRequest: [named] } });
    await client(origin);
    await client.extend(createHedgePlugin({ hedger, telemetry: false }))(origin);
    const [plain = [], ...hedged] = heads;
    const namesOf = (head: readonly string[]): string[] => head.filter((_, index) => index % 2 === 0);
    const traced = namesOf(plain).find((name) => name.toLowerCase() === 'traceparent') ?? '';
    expect(hedged).toHaveLength(2);
    for (const head of hedged) {
      expect(namesOf(head).sort()).toEqual(namesOf(plain).sort());
      expect(head[head.indexOf(traced) + 1]).toBe('00-new');
    }
  });

  it('reads no header that it does not need', async () => {
    onPrimary = (response) => void response.end('ok');
    const reads: number[] = [];
    for (const extend of [(client: Got) => client, (client: Got) => client.extend(createHedgePlugin({ delay: 60_000, telemetry: false }))]) {
      let count = 0;
      const once = (options: { headers: object }): void => void Object.defineProperty(options.headers, 'x-once', { enumerable: true, get: () => String(++count) });
      await extend(got.extend({ hooks: { beforeRequest: [once] } }))(origin);
      reads.push(count);
    }
    expect(reads[1]).toBe(reads[0]);
  });
});
