import { once } from 'node:events';
import http, { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import { lookup } from 'node:dns';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import got, { type ExtendOptions, type Got, type OptionsInit, type Request } from 'got';
import { generate } from 'selfsigned';
import { createHedgePlugin, type GotHedgeOptions } from '@hedgerow/got';
import { Witness } from '../support/witness.js';

const CALLS = 200;
/** Where a way is one of many, each of which costs processor time. */
const FEWER = 60;
/** Longer than a busy event loop takes for one turn: then the answer is there before the hedge is due. */
const LATE_MS = 400;
const MARKER = 'x-copy';
/** In this header a call's own code says in whose context it believes to be. */
const CONTEXT = 'x-context';

interface Stage {
  readonly origin: string;
  /** Propagated contexts that were not the path's own. */
  readonly strayed: string[];
  copies: number;
  close(): void;
}

/** A server that answers copies at once and originals late, or originals with a failure and copies late. */
async function startStage(isHttp2: boolean, isFailing = false): Promise<Stage> {
  const answer = (response: ServerResponse, status: number, lateMs: number): void => {
    setTimeout(() => {
      if (response.destroyed) return;
      response.writeHead(status).write('first ');
      setTimeout(() => response.destroyed || response.end('second'), 3);
    }, lateMs);
  };
  const listener: RequestListener = ({ url = '', headers }: IncomingMessage, response) => {
    response.on('error', () => undefined);
    const [, , id, kind] = url.split('/');
    if (headers[CONTEXT] !== id) stage.strayed.push(`${id} went as ${String(headers[CONTEXT])}`);
    if (kind === 'redirect') return void response.writeHead(302, { location: `/items/${id}` }).end();
    const isCopy = headers[MARKER] !== undefined;
    if (isCopy) stage.copies++;
    if (isFailing) answer(response, 503, isCopy ? 30 : 0);
    else answer(response, 200, isCopy ? 0 : LATE_MS);
  };
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const server: Server = isHttp2 ? createSecureServer({ key, cert }, listener as (request: unknown, response: unknown) => void) : createServer(listener);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  const stage: Stage = {
    origin: `${isHttp2 ? 'https' : 'http'}://localhost:${(server.address() as AddressInfo).port}`,
    strayed: [],
    copies: 0,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return stage;
}

/** Everything that got lets a caller put into a call, noting where it runs. */
function watching(witness: Witness, id: number): ExtendOptions & OptionsInit {
  const see = (what: string): void => witness.see(what, id);
  const hook = (name: string) => (): void => see(name);
  return {
    dnsLookup: ((...args: Parameters<typeof lookup>) => {
      see('dnsLookup');
      lookup(...args);
    }) as never,
    parseJson: (text) => (see('parseJson'), text),
    hooks: {
      beforeRequest: [
        (options) => {
          see('beforeRequest');
          options.headers[CONTEXT] = String(witness.current);
        },
      ],
      beforeRedirect: [hook('beforeRedirect')],
      beforeError: [(error) => (see('beforeError'), error)],
      afterResponse: [(response) => (see('afterResponse'), response)],
    },
  };
}

/** A request function that reads its context for each attempt, as tracing and tokens do, and watches what its request emits. */
function requestFunction(witness: Witness, id: number): { readonly request: never } {
  const request = (url: URL, options: http.RequestOptions & { headers: Record<string, string> }, callback: never): http.ClientRequest => {
    witness.see('request function', id);
    options.headers[CONTEXT] = String(witness.current);
    const made = http.request(url, options, callback);
    for (const event of ['socket', 'finish', 'response', 'close', 'error']) made.on(event, () => witness.see(`request: ${event}`, id));
    made.on('response', (response: IncomingMessage) => {
      for (const event of ['end', 'close']) response.on(event, () => witness.see(`response: ${event}`, id));
    });
    return made;
  };
  return { request: request as never };
}

function watchEvents(emitter: { on: (event: never, listener: (value: unknown) => void) => unknown }, events: readonly string[], witness: Witness, id: number): void {
  for (const event of events) emitter.on(event as never, () => witness.see(`got: ${event}`, id));
}

type Way = (client: Got, url: string, witness: Witness, id: number) => Promise<unknown>;

async function asPromise(client: Got, url: string, witness: Witness, id: number): Promise<unknown> {
  const call = client(url, watching(witness, id) as never);
  watchEvents(call, ['request', 'response', 'redirect', 'uploadProgress', 'downloadProgress'], witness, id);
  void call.on('request', (request) => {
    for (const event of ['socket', 'finish', 'response', 'close']) request.on(event, () => witness.see(`shown: ${event}`, id));
  });
  const response = await call;
  witness.see('the answer', id);
  return response.body;
}

function asStream(client: Got, url: string, witness: Witness, id: number): Promise<unknown> {
  const stream: Request = client.stream(url, watching(witness, id) as never);
  watchEvents(stream, ['request', 'response', 'redirect', 'data', 'end', 'close', 'error'], witness, id);
  return new Promise((resolve, reject) => {
    stream.once('end', resolve);
    stream.once('error', reject);
  });
}

const withRequestFunction = (way: Way): Way => (client, url, witness, id) => way(client.extend(requestFunction(witness, id)), url, witness, id);

const ways: Readonly<Record<string, Way>> = {
  'a promise': asPromise,
  'a stream': asStream,
  'a promise over a redirect': (client, url, witness, id) => asPromise(client, `${url}/redirect`, witness, id),
  'a promise by a request function': withRequestFunction(asPromise),
  'a stream by a request function': withRequestFunction(asStream),
  'a promise by a request function that promises': (client, url, witness, id) => {
    const { request } = requestFunction(witness, id);
    const later = async (...args: never[]): Promise<unknown> => {
      await Promise.resolve();
      return (request as (...args: never[]) => unknown)(...args);
    };
    return asPromise(client.extend({ request: later as never }), url, witness, id);
  },
  'a promise through a cache': (client, url, witness, id) => asPromise(client.extend({ cache: new Map() }), url, witness, id),
};

// Not over a redirect: there got itself goes on in the context of the connection, now and then.
const overHttp2: readonly string[] = ['a promise', 'a stream', 'a promise through a cache'];

/** Calls that overlap, each in a context of its own. */
async function overlap(way: Way, client: Got, origin: string, count: number): Promise<{ readonly witness: Witness; readonly failed: number }> {
  const witness = new Witness();
  let failed = 0;
  const calls: Promise<unknown>[] = [];
  for (let id = 0; id < count; id++) {
    calls.push(witness.run(id, () => way(client, `${origin}/items/${id}`, witness, id)).catch(() => failed++));
    if (id % 4 === 3) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(calls);
  return { witness, failed };
}

const base: ExtendOptions = { https: { rejectUnauthorized: false }, retry: { limit: 0 }, timeout: { request: 30_000 } };

describe.each([false, true])('the async context of a call (http2: %s)', (http2) => {
  let stage: Stage;
  let agent: http.Agent;
  beforeEach(() => {
    agent = new http.Agent({ keepAlive: true });
  });
  afterEach(() => {
    agent.destroy();
    stage.close();
  });
  const client = (hedge?: GotHedgeOptions): Got => {
    const made = got.extend(base, http2 ? { http2 } : { agent: { http: agent } });
    const options = { delay: 20, budget: false, efficacy: false, maxConcurrentHedges: 1_000, markHedges: MARKER, telemetry: false } as const;
    return hedge === undefined ? made : made.extend(createHedgePlugin({ ...options, ...hedge }));
  };

  /** Nothing may run in a foreign context, though plain got does so over HTTP/2, and no store may live longer than with plain got. */
  async function compare(way: Way, count: number, hedge: GotHedgeOptions = {}, isFailing = false): Promise<Witness> {
    stage = await startStage(http2, isFailing);
    const plain = await overlap(way, client(), stage.origin, count);
    expect(stage.copies).toBe(0);
    const strays = stage.strayed.splice(0).length > 0; // got's redirects over HTTP/2 run in the context of the connection
    const hedged = await overlap(way, client(hedge), stage.origin, count);
    // A cache answers for most.
    expect(stage.copies).toBeGreaterThanOrEqual(way === ways['a promise through a cache'] ? 1 : count * 0.2);
    if (!strays) expect(stage.strayed).toEqual([]);
    expect([...hedged.witness.foreign]).toEqual([]);
    expect(hedged.failed).toBe(plain.failed);
    // Whether connections are made anew is chance.
    expect([...plain.witness.seen.keys()].filter((what) => what !== 'dnsLookup' && !hedged.witness.seen.has(what))).toEqual([]);
    agent.destroy();
    stage.close();
    // got's sessions of HTTP/2 keep contexts alive by themselves.
    if (!http2) {
      const alive = await plain.witness.countAlive(0, 3);
      expect(await hedged.witness.countAlive(alive)).toBeLessThanOrEqual(alive);
    }
    return hedged.witness;
  }

  it.each(Object.entries(ways).filter(([name]) => !http2 || overHttp2.includes(name)))('is its own in all that %s runs, emits and sends', async (_, way) => {
    await compare(way, way === asPromise || way === asStream ? CALLS : FEWER);
  });

  const variants: [string, GotHedgeOptions][] = [
    ['losers are drained and whole bodies raced', { losers: 'drain', raceUntil: 'body' }],
    ['losers wait to be reset, and several copies go out', { maxResetsPerSecond: 1, delay: [15, 20], maxHedges: 2 }],
  ];
  it.each(variants)('is its own where %s', async (_, hedge) => {
    await compare(asPromise, FEWER, hedge);
  });

  it('is its own where a failure is kept for its hedge', async () => {
    await compare(http2 ? asStream : asPromise, FEWER, { delay: 0 }, true);
  });

  it('is its own in what options of hedging run', async () => {
    stage = await startStage(http2);
    const witness = new Witness();
    const see = (what: string, url: string): void => witness.see(what, Number(new URL(url).pathname.split('/')[2]));
    const hedging = client({
      when: ({ url }) => (see('when', url), true),
      accept: ({ request: { url }, acceptable }) => (see('accept', url), acceptable),
      onHedge: ({ request: { url } }) => see('onHedge', url),
      onComplete: ({ request: { url } }) => see('onComplete', url),
    });
    await Promise.all(Array.from({ length: FEWER }, (_, id) => witness.run(id, () => hedging(`${stage.origin}/items/${id}`, { headers: { [CONTEXT]: String(id) } }))));
    expect([...witness.foreign]).toEqual([]);
    expect([...witness.seen.keys()].sort()).toEqual(['accept', 'onComplete', 'onHedge', 'when']);
  });
});
