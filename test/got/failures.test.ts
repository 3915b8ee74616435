import { getEventListeners } from 'node:events';
import http from 'node:http';
import { constants, createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import https from 'node:https';
import { createRequire } from 'node:module';
import { createServer, Socket, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import * as gotModule from 'got';
import { HTTPError, MaxRedirectsError, ParseError, ReadError, RequestError, TimeoutError, type ExtendOptions } from 'got';
import { generate } from 'selfsigned';
import { hedgeInfo } from '@hedgerow/got';
import { testClock } from '../support/clocks.js';
import { turns, until } from '../support/wait.js';
import { failure, hedgedClient, sameAsPlain, withPlayground } from './variants.js';

/** Gone since got 15. */
const hasCancel = 'CancelError' in gotModule;

withPlayground('what plain got throws, hedged got throws', (playground) => {
  const closed = 'http://127.0.0.1:9'; // nothing listens on the discard port
  const throws: NonNullable<ExtendOptions['hooks']> = {
    beforeRequest: [
      () => {
        throw new Error('from a hook');
      },
    ],
  };
  const renames: NonNullable<ExtendOptions['hooks']> = {
    beforeError: [(error) => Object.assign(error, { message: `own ${error.code}` })],
  };
  const answered = (statusCode: number, body: string): object => ({ name: 'HTTPError', response: { statusCode, body } });
  const failing: [string, string, ExtendOptions, object, 'wins'?][] = [
    ['a 404', '/status/404', {}, answered(404, 'status 404')],
    ['a 500', '/status/500', {}, answered(500, 'status 500')],
    ['a packed 503', '/packed-error', {}, answered(503, 'down')],
    ['a reset connection', '/reset', {}, { name: 'RequestError', code: 'ECONNRESET' }],
    ['a refused connection', closed, {}, { name: 'RequestError', code: 'ECONNREFUSED' }],
    ['an unknown host', 'http://nowhere.invalid', {}, { name: 'RequestError' }],
    ['a body that is cut off', '/cut', {}, { name: 'ReadError' }, 'wins'],
    ['a body that ceases to be HTTP', '/garbage', {}, { code: 'HPE_INVALID_CHUNK_SIZE' }, 'wins'],
    ['a body longer than it says', '/leftover', {}, { code: 'HPE_INVALID_CONSTANT' }, 'wins'],
    ['too many redirects', '/loop', { maxRedirects: 3 }, { name: 'MaxRedirectsError', code: 'ERR_TOO_MANY_REDIRECTS' }, 'wins'],
    ['broken JSON', '/text/%7B', { responseType: 'json' }, { name: 'ParseError', code: 'ERR_BODY_PARSE_FAILURE' }, 'wins'],
    ['a header that HTTP does not allow', '/echo', { headers: { bad: 'line\nbreak' } }, { name: 'RequestError', code: 'ERR_INVALID_CHAR' }],
    ['a certificate of nobody known', '{tls}/echo', { https: { rejectUnauthorized: true } }, { name: 'RequestError', code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }],
    ['http2 with a certificate of nobody known', '{h2}/echo', { http2: true, https: { rejectUnauthorized: true } }, { name: 'RequestError' }],
    ['http2 without a server', closed.replace('http', 'https'), { http2: true }, { name: 'RequestError', code: 'ECONNREFUSED' }],
    ['timeout.request', '/hang', { timeout: { request: 80 } }, { name: 'TimeoutError', code: 'ETIMEDOUT', event: 'request' }],
    ['timeout.response', '/hang', { timeout: { response: 80 } }, { name: 'TimeoutError', event: 'response' }],
    ['timeout.socket', '/hang', { timeout: { socket: 80 } }, { name: 'TimeoutError', event: 'socket' }],
    ['timeout.request in the body', '/stall', { timeout: { request: 150 } }, { name: 'TimeoutError', event: 'request' }, 'wins'],
    ['timeout.read', '/stall', { timeout: { read: 80 } }, { name: 'TimeoutError', event: 'read' }, 'wins'],
    ['timeout.socket in the body', '/stall', { timeout: { socket: 150 } }, { name: 'TimeoutError', event: 'socket' }, 'wins'],
    ['AbortSignal.timeout()', '/hang', {}, { name: 'TimeoutError' }],
    ['a hook that throws', '/echo', { hooks: throws }, { name: 'RequestError', message: 'from a hook' }],
    ['a beforeError hook', '/status/404', { hooks: renames }, { message: 'own ERR_NON_2XX_3XX_RESPONSE' }],
  ];
  for (const [name, url, options, expected, hedge] of failing) {
    sameAsPlain(
      name,
      playground,
      async ({ make, playground: { origin, tlsOrigin, http2Origin } }) => {
        const place = url.replace('{tls}', tlsOrigin).replace('{h2}', http2Origin);
        const signal = name.startsWith('AbortSignal') ? { signal: AbortSignal.timeout(80) } : {};
        return failure(make(options)(place.startsWith('/') ? origin + place : place, signal));
      },
      { check: (outcome) => expect(outcome).toMatchObject(expected), fails: hedge !== 'wins' },
    );
  }

  it('throws errors of got’s own classes', async () => {
    const client = hedgedClient({ delay: 0 });
    const { origin } = playground();
    const errors: [string, ExtendOptions, new (...args: never[]) => Error][] = [
      ['/status/404', {}, HTTPError],
      ['/hang', { timeout: { request: 30 } }, TimeoutError],
      ['/loop', { maxRedirects: 1 }, MaxRedirectsError],
      ['/text/%7B', { responseType: 'json' }, ParseError],
      ['/cut', {}, ReadError],
      ['/reset', {}, RequestError],
    ];
    for (const [path, options, kind] of errors) await expect(client(origin + path, options as never)).rejects.toBeInstanceOf(kind);
  });

  it('times out over http2', async () => {
    const call = hedgedClient({ delay: 5 }, { http2: true, timeout: { request: 300 } })(`${playground().http2Origin}/hang?h2`);
    expect(await failure(call)).toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT', event: 'request' });
    expect(playground().received('/hang?h2')).toBe(2);
  });

  it('reads on when the phases of a primary that never connected would time out', async () => {
    const timeout = { lookup: 600, connect: 600, secureConnect: 600, send: 600, response: 600 };
    const agent = { https: stuckFirst() };
    const response = await hedgedClient({ delay: 10 }, { timeout, agent })(`${playground().tlsOrigin}/pieces/400`);
    expect(response.rawBody).toHaveLength(400_000);
    expect(hedgeInfo(response)).toMatchObject({ attempts: 2, winner: 1 });
    expect(response.timings.phases.download).toBeGreaterThan(600);
  });

  it('hands on a failure that was kept so long that its server hung up', async () => {
    let requests = 0;
    const server = http.createServer((_request, response) => {
      if (++requests > 1) return void setTimeout(() => response.writeHead(500).end(), 120);
      response.writeHead(503, { 'content-length': '10' }).write('half');
      setTimeout(() => response.destroy(), 60);
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await failure(hedgedClient({ delay: 5 })(`http://localhost:${port}`))).toMatchObject({ name: 'ReadError' });
    server.close();
  });

  it('retries after timeoutMs as after a timeout of got’s own', async () => {
    const client = hedgedClient({ delay: 5, timeoutMs: 50 }, { retry: { limit: 1, backoffLimit: 1 } });
    const error: unknown = await client(`${playground().origin}/hang?retried`).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'RequestError', code: 'ETIMEDOUT', cause: { cause: { name: 'HedgeTimeoutError', timeoutMs: 50 } } });
    expect(playground().received('/hang?retried')).toBe(4);
  });
});

withPlayground('giving up', (playground) => {
  const ways: [string, (call: { cancel: () => void }, controller: AbortController) => void, string][] = [
    ['promise.cancel()', (call) => call.cancel(), 'CancelError'],
    ['a signal', (_call, controller) => controller.abort(), 'AbortError'],
  ];
  for (const [name, giveUp, kind] of hasCancel ? ways : ways.slice(1)) {
    it(`closes every attempt on ${name} and sends no more`, async () => {
      const path = `/hang?${encodeURIComponent(name)}`;
      const controller = new AbortController();
      const clock = testClock();
      const client = hedgedClient({ delay: [5, 10, 60_000], clock });
      const call = client(playground().origin + path, { signal: controller.signal });
      const error = call.catch((reason: unknown) => reason);
      await until('three attempts arrived', () => playground().received(path) === 3);
      giveUp(call, controller);
      const attempts = playground().arrivals.filter((arrival) => arrival.path === path);
      await until('all are closed', () => attempts.every(({ isGone }) => isGone), 1_000);
      expect(await error).toMatchObject({ name: kind });
      expect(hedgeInfo(await error)).toMatchObject({ eligible: true, attempts: 3, winner: undefined });
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
      clock.advance(60_000);
      await turns();
      expect(clock.pending).toBe(0);
      expect(playground().received(path)).toBe(3);
    });
  }

  it('closes the winner when the caller gives up in its body', async () => {
    const controller = new AbortController();
    playground().answered = 'second';
    const error = hedgedClient({ delay: 5 })(`${playground().origin}/stall?won`, { signal: controller.signal }).catch((reason: unknown) => reason);
    await until('the primary is closed', () => playground().arrivals.some(({ path, isGone }) => path === '/stall?won' && isGone));
    playground().answered = 'all';
    controller.abort();
    await until('the winner is closed', () => playground().arrivals.filter(({ path, isGone }) => path === '/stall?won' && isGone).length === 2);
    expect(await error).toMatchObject({ name: 'AbortError', code: 'ERR_ABORTED' });
    expect(hedgeInfo(await error)).toMatchObject({ attempts: 2, winner: 1 });
  });

  if (hasCancel) sameAsPlain('isCanceled', playground, async ({ make, playground: { origin } }) => {
    const call = make()(`${origin}/hang`);
    const error = failure(call);
    await turns();
    call.cancel();
    return [call.isCanceled, await error];
  }, { check: (outcome) => expect(outcome).toMatchObject([true, { name: 'CancelError', code: 'ERR_CANCELED' }]), fails: true });
});

withPlayground('over HTTP/2', (playground) => {
  let server: Http2SecureServer;
  const sessions = new Set<ServerHttp2Session>();
  let origin: string;
  beforeAll(async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
    server = createSecureServer({ key, cert });
    server.on('session', (session) => void sessions.add(session));
    server.on('stream', (stream, { ':path': path }) => {
      stream.on('error', () => undefined);
      if (path === '/answered') stream.respond({ ':status': 200 }, { endStream: true });
      else if (path !== '/silent') stream.close(Number(path?.slice(1)));
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });

  for (const [name, code] of Object.entries({ refused: constants.NGHTTP2_REFUSED_STREAM, cancelled: constants.NGHTTP2_CANCEL, reset: constants.NGHTTP2_INTERNAL_ERROR })) {
    sameAsPlain(`a stream that is ${name} before its head`, playground, ({ make }) => failure(make({ http2: true })(`${origin}/${code}`)), { fails: true });
  }

  sameAsPlain('a body where none may be', playground, ({ make }) => failure(make({ http2: true, timeout: { request: 5_000 } }).delete(`${origin}/silent`, { body: 'a body' })), {
    check: (outcome) => expect(outcome).toMatchObject({ name: 'RequestError', code: 'ERR_GOT_REQUEST_ERROR' }),
    fails: true,
  });

  sameAsPlain('a timeout that passes while the connection is made', playground, async ({ make }) => {
    const client = make({ http2: true });
    await client(`${origin}/answered`); // what the server speaks is known from now on
    return failure(client(`${origin}/answered`, { agent: { http2: new SlowAgent() }, timeout: { request: 50 } }));
  }, { check: (outcome) => expect(outcome).toMatchObject({ name: 'TimeoutError', event: 'request' }), fails: true });

  it.each(['firstChunk', 'body'] as const)('tells where an answer came from that was raced until %s', async (raceUntil) => {
    const { ip } = await hedgedClient({ delay: 60_000, raceUntil }, { http2: true })(`${origin}/answered`);
    expect(ip).toMatch(/^(::1|127\.0\.0\.1)$/);
  });
});

withPlayground('a server that never lets anybody in', (playground) => {
  let server: Server;
  beforeAll(async () => {
    server = createServer((socket) => void socket.on('error', () => undefined)); // accepts, and never shakes hands
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  });
  afterAll(() => void server.close());

  for (const [phase, http2] of [['secureConnect', false], ['request', false], ['request', true]] as const) {
    sameAsPlain(`timeout.${phase}${http2 ? ' over http2' : ''}`, playground, async ({ make }) => {
      const { port } = server.address() as AddressInfo;
      const client = make({ http2, timeout: { [phase]: 100 } });
      if (http2) await failure(client(`https://localhost:${port}`)); // the first one asks what the server speaks
      return failure(client(`https://localhost:${port}`));
    }, { check: (outcome) => expect(outcome).toMatchObject({ code: 'ETIMEDOUT' }), fails: true });
  }
});

interface Http2Agent {
  createConnection(...args: unknown[]): Promise<unknown>;
}

/** Got's own package for HTTP/2. */
const { Agent: Http2Agent } = createRequire(import.meta.resolve('got'))('http2-wrapper') as { readonly Agent: new () => Http2Agent };

class SlowAgent extends Http2Agent {
  override async createConnection(...args: unknown[]): Promise<unknown> {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return super.createConnection(...args);
  }
}

/** An agent whose first connection never comes about. */
function stuckFirst(): https.Agent {
  const agent = new https.Agent();
  const connect = agent.createConnection.bind(agent);
  let count = 0;
  agent.createConnection = (options, callback) => {
    if (count++ > 0) return connect(options, callback);
    return Object.assign(new Socket(), { connecting: true });
  };
  return agent;
}
