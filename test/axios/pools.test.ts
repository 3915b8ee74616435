import { Agent, createServer, globalAgent, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CreateAxiosDefaults, InternalAxiosRequestConfig } from 'axios';
import axios from 'axios';
import { Hedger, hedgeInfo, type AxiosHedgeOptions } from '@hedgerow/axios';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { turns, until } from '../support/wait.js';
import { hedgedClient } from './variants.js';

let hedger: Hedger;

function watched(): AxiosHedgeOptions {
  hedger = new Hedger({ budget: false, efficacy: false });
  return { hedger, budget: undefined };
}

const isHeldBack = (): boolean => hedger.stats().suppressions.connections > 0;

describe('agents whose connections are limited', () => {
  let server: ScriptedServer;
  let agent: Agent;
  beforeEach(async () => void (server = await startScriptedServer()));
  afterEach(async () => {
    agent.destroy();
    await server.close();
  });

  const limits = { 'maxSockets': { maxSockets: 2 }, 'maxTotalSockets': { maxTotalSockets: 2 } };
  for (const [name, limit] of Object.entries(limits)) {
    for (const losers of ['abort', 'drain'] as const) {
      for (const wraps of [false, true]) {
        it(`20 calls in flight over two connections: each is sent once while they wait for each other (${name}, losers: ${losers}${wraps ? ', by an adapter of the user’s' : ''})`, async () => {
          agent = new Agent({ keepAlive: true, ...limit });
          const inner = axios.getAdapter('http');
          const adapter = wraps ? { adapter: (config: InternalAxiosRequestConfig) => inner(config) } : {};
          const client = hedgedClient(server.origin, { ...watched(), delay: 1, losers, markHedges: 'x-hedge' }, { httpAgent: agent, ...adapter });
          const calls = Array.from({ length: 20 }, () => client.get<string>('/'));
          // All but the last two: for those there is room.
          for (let answered = 0; answered < 18; answered++) {
            const request = await server.next();
            await turns(3);
            expect(request.headers['x-hedge']).toBeUndefined();
            request.respond({ body: 'fine' });
          }
          server.script((request) => request.respond({ body: 'fine' }));
          for (const request of server.requests.slice(18)) request.respond({ body: 'fine' });
          expect(new Set((await Promise.all(calls)).map(({ data }) => data))).toEqual(new Set(['fine']));
          expect(hedger.stats().suppressions.connections).toBeGreaterThan(0);
          expect(new Set(server.requests.slice(0, 18).map(({ connection }) => connection)).size).toBe(2);
        });
      }
    }
  }

  it('a hedge is sent where there is a connection for it, and said not to be where there is none', async () => {
    agent = new Agent({ keepAlive: true, maxSockets: 2 });
    const client = hedgedClient(server.origin, { ...watched(), delay: 1, markHedges: 'x-hedge' }, { httpAgent: agent });
    const first = client.get('/');
    const both = [await server.next(), await server.next()];
    expect(both.map(({ headers }) => headers['x-hedge']).sort()).toEqual(['1', undefined]);
    for (const request of both) request.respond();
    expect(hedgeInfo(await first)?.attempts).toBe(2);
    await until('the loser is gone, or its connection free', () => both.every(({ isAnswered, isGone }) => isAnswered || isGone));

    const taken = client.get('/', { hedge: false });
    const other = await server.next();
    const second = client.get('/');
    const primary = await server.next();
    await until('a hedge has been held back', isHeldBack);
    primary.respond();
    expect(hedgeInfo(await second)).toMatchObject({ attempts: 1, suppressionReason: 'connections' });
    other.respond();
    await taken;
  });

  it('the global agent is looked at, too', async () => {
    agent = new Agent();
    const { maxSockets } = globalAgent;
    globalAgent.maxSockets = 1;
    try {
      const call = hedgedClient(server.origin, { ...watched(), delay: 1 }).get('/');
      const primary = await server.next();
      await until('a hedge has been held back', isHeldBack);
      primary.respond();
      expect(hedgeInfo(await call)).toMatchObject({ attempts: 1, suppressionReason: 'connections' });
    } finally {
      globalAgent.maxSockets = maxSockets;
    }
  });

  it('a hedge to elsewhere needs a connection to there', async () => {
    agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const other = await startScriptedServer();
    const options: AxiosHedgeOptions = { ...watched(), delay: 1, targets: [server.origin, other.origin], forwardCredentials: true };
    const client = hedgedClient(server.origin, options, { httpAgent: agent });
    const call = client.get<string>('/');
    (await other.next()).respond({ body: 'elsewhere' });
    expect((await call).data).toBe('elsewhere');

    const taken = axios.get(other.origin, { httpAgent: agent });
    const there = await other.next();
    await server.next(); // the primary that has lost
    const again = client.get<string>('/');
    const primary = await server.next();
    await until('a hedge has been held back', isHeldBack);
    primary.respond({ body: 'here' });
    expect(hedgeInfo(await again)).toMatchObject({ attempts: 1, suppressionReason: 'connections' });
    there.respond();
    await taken;
    await other.close();
  });

  it('a hedge that is led to where there is no room has failed, and its primary goes on', async () => {
    agent = new Agent({ keepAlive: true, maxSockets: 2 });
    const front: Server = createServer((request, response) => {
      if (request.url === '/free') response.end();
      else response.writeHead(302, { location: `${server.origin}/to` }).end();
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    const led: unknown[] = [];
    const config: CreateAxiosDefaults = { httpAgent: agent, beforeRedirect: ({ href }) => void led.push(href) };
    const client = hedgedClient(`http://127.0.0.1:${(front.address() as AddressInfo).port}`, { ...watched(), delay: 300 }, config);
    const taken = axios.get(server.origin, { httpAgent: agent });
    const other = await server.next();
    const call = client.get<string>('/');
    const primary = await server.next();
    await client.get('/free', { hedge: false });
    await until('the hedge has been led there', () => led.length === 2);
    await until('it has failed', () => hedger.stats().activeHedges === 0);
    primary.respond({ body: 'fine' });
    const response = await call;
    expect([response.data, hedgeInfo(response)?.winner, hedgeInfo(response)?.attempts]).toEqual(['fine', 0, 2]);
    other.respond();
    await taken;
    await turns(20);
    expect(server.requests).toHaveLength(2);
    front.closeAllConnections();
    front.close();
  });
});

describe('agents behind a proxy', () => {
  let proxy: ScriptedServer;
  beforeAll(async () => void (proxy = await startScriptedServer()));
  afterAll(() => proxy.close());

  it('a proxy’s connections are those that a hedge would wait for', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const { port } = new URL(proxy.origin);
    const call = hedgedClient('http://service.invalid', { ...watched(), delay: 1 }, { httpAgent: agent, proxy: { host: '127.0.0.1', port: Number(port) } }).get('/');
    const primary = await proxy.next();
    await until('a hedge has been held back', isHeldBack);
    primary.respond();
    expect(hedgeInfo(await call)).toMatchObject({ attempts: 1, suppressionReason: 'connections' });
    agent.destroy();
  });
});
