import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createSecureServer } from 'node:http2';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Server, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import got, { type ExtendOptions, type Got, type PlainResponse } from 'got';
import { generate } from 'selfsigned';
import { hedgeInfo, type GotHedgeOptions } from '@hedgerow/got';
import { countUnhandledRejections } from '../support/rejections.js';
import { without } from './routes.js';
import { hedgedClient } from './variants.js';

type Behaviour = (response: ServerResponse, request: IncomingMessage) => void;

/** More than is read of a kept response, and than any buffer on the way takes. */
const MUCH = 12_000_000;
const PACKED = gzipSync(Buffer.from(Array.from({ length: 3_000 }, (_, index) => `${index * 7919}`).join()));

/** What becomes of a primary's 503 while its hedge is out. */
const behaviours: Readonly<Record<string, Behaviour>> = {
  'is whole': (response) => void response.writeHead(503).end('down'),
  'has no body': (response) => void response.writeHead(503, { 'content-length': '0' }).end(),
  'closes its connection': (response) => void response.writeHead(503, { connection: 'close' }).end('down'),
  'is whole later': (response) => {
    response.writeHead(503).write('do');
    setTimeout(() => response.end('wn'), 20);
  },
  'is packed': (response) => void response.writeHead(503, { 'content-encoding': 'gzip' }).end(PACKED),
  'is packed, in pieces': (response) => {
    response.writeHead(503, { 'content-encoding': 'gzip' }).write(PACKED.subarray(0, 500));
    setTimeout(() => response.end(PACKED.subarray(500)), 20);
  },
  'is reset': (response, request) => {
    response.writeHead(503, { 'content-length': '10' }).write('half');
    setTimeout(() => (request.httpVersionMajor === 2 ? response.destroy() : request.socket.resetAndDestroy()), 20);
  },
  'is cut off': (response) => {
    response.writeHead(503, { 'content-length': '10' }).write('half');
    setTimeout(() => response.destroy(), 20);
  },
  'is packed and cut off': (response) => {
    response.writeHead(503, { 'content-encoding': 'gzip', 'content-length': PACKED.length }).write(PACKED.subarray(0, 2_000));
    setTimeout(() => response.destroy(), 20);
  },
  'is more than anybody keeps': (response) => void response.writeHead(503).end(Buffer.alloc(MUCH, 'x')),
};
/** What HTTP/2 has no way to do. */
const ofHttp1: Readonly<Record<string, Behaviour>> = {
  'ceases to be HTTP': (response, request) => {
    response.writeHead(503).write('a first piece');
    setTimeout(() => request.socket.write('no chunk\r\n'), 20);
  },
};

/** What is compared by the promise alone: which comes first to a stream, its end or its failure, is chance. */
const ofPromises: Readonly<Record<string, Behaviour>> = {
  'ends with its connection, reset': (_, { socket }) => {
    socket.write('HTTP/1.1 503 Down\r\nConnection: close\r\n\r\nhalf');
    setTimeout(() => socket.resetAndDestroy(), 20);
  },
};

/** A server that answers primaries as their path says, and hedges as the test says. */
interface Stage {
  readonly origin: string;
  hedge: Behaviour;
  close(): void;
}

/** So that servers tell copies. */
const MARKER = 'x-copy';

const failsLate: Behaviour = (response) => void setTimeout(() => response.headersSent || response.writeHead(500).end(), 80);
const isNeverAnswered: Behaviour = () => undefined;

async function startStage(isHttp2: boolean): Promise<Stage> {
  const listener: RequestListener = (request, response) => {
    response.on('error', () => undefined);
    request.socket.on('error', () => undefined);
    const name = decodeURIComponent((request.url ?? '').slice(1));
    if (request.headers[MARKER] !== undefined) return stage.hedge(response, request);
    const behaviour = { ...behaviours, ...ofHttp1, ...ofPromises }[name];
    if (behaviour === undefined) response.writeHead(503, { 'content-length': '10' }).write('half'); // and no more
    else behaviour(response, request);
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
    hedge: failsLate,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return stage;
}

/** All that a caller can tell of a call. */
async function told(call: PromiseLike<unknown>): Promise<object> {
  return Promise.resolve(call).then(
    (response) => visible(response as PlainResponse),
    (error: unknown) => {
      const { name, message, code, event, response } = error as Error & { code?: string; event?: string; response?: PlainResponse };
      return { name, message, code, event, response: response && visible(response) };
    },
  );
}

function visible({ statusCode, ip, ok, headers, body, complete }: PlainResponse & { readonly body?: unknown; readonly complete?: boolean }): object {
  return { statusCode, ip, ok, headers: without(headers, 'date'), body: brief(body), complete };
}

/** A long body by its length and hash. */
function brief(body: unknown): unknown {
  return typeof body === 'string' && body.length > 1_000 ? [body.length, createHash('sha256').update(body).digest('hex')] : body;
}

/** All that a reader of a stream can tell. */
async function read(client: Got, url: string): Promise<object> {
  const seen = { bytes: 0, head: undefined as unknown, error: undefined as unknown };
  const stream = client.stream(url, { throwHttpErrors: false });
  stream.on('response', ({ statusCode, ip }: PlainResponse) => (seen.head = { statusCode, ip }));
  stream.on('data', (chunk: Buffer) => (seen.bytes += chunk.length));
  await new Promise<void>((resolve) => {
    stream.once('end', resolve);
    stream.once('error', ({ name, message, code }: Error & { code?: string }) => {
      seen.error = { name, message, code };
      resolve();
    });
  });
  return seen;
}

const ways: Readonly<Record<string, (client: Got, url: string) => Promise<object>>> = {
  'a promise': (client, url) => told(client(url)),
  'a promise that does not throw': (client, url) => told(client(url, { throwHttpErrors: false })),
  'a stream': read,
  'a promise through a cache': (client, url) => told(client(url, { cache: new Map() })),
};

const base: ExtendOptions = { https: { rejectUnauthorized: false }, retry: { limit: 0 } };

describe.each([false, true])('a failed primary that is kept while its hedge is out (http2: %s)', (http2) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage(http2);
  });
  afterAll(() => stage.close());

  /** Sends hedges at once, and never lets them win. */
  const hedged = (options: ExtendOptions = {}, hedge: GotHedgeOptions = {}): Got => hedgedClient({ delay: 0, markHedges: MARKER, ...hedge }, { http2, ...options });
  const plain = (options: ExtendOptions = {}): Got => got.extend(base, { http2 }, options);
  const urlOf = (name: string): string => `${stage.origin}/${encodeURIComponent(name)}`;

  for (const [way, call] of Object.entries(ways)) {
    it.each(Object.keys(http2 ? behaviours : { ...behaviours, ...ofHttp1 }))(`reaches ${way} as without hedging: one that %s`, async (name) => {
      const rejections = countUnhandledRejections();
      stage.hedge = failsLate;
      const expected = await call(plain(), urlOf(name));
      // How much of it is unpacked before it breaks off is chance.
      const chance = name === 'is packed and cut off' ? { bytes: 0 } : {};
      expect({ ...(await call(hedged(), urlOf(name))), ...chance }).toEqual({ ...expected, ...chance });
      expect(await rejections.count()).toBe(0);
      rejections.stop();
    });
  }

  // Over HTTP/2 the end of a stream that was reset looks like any other.
  it.each([...(http2 ? [] : ['is reset', 'is cut off']), 'is more than anybody keeps'])('does not wait for a hedge when it %s', async (name) => {
    stage.hedge = isNeverAnswered;
    const expected = await told(plain()(urlOf(name)));
    expect(await told(hedged()(urlOf(name)))).toEqual(expected);
  });

  it('loses to a hedge that is answered well, and leaves nothing behind', async () => {
    stage.hedge = (response) => void setTimeout(() => response.end('good'), 40);
    for (const name of ['is whole', 'is whole later', 'stalls']) {
      const response = await hedged()(urlOf(name));
      expect([response.statusCode, response.body]).toEqual([200, 'good']);
      expect(hedgeInfo(response)).toMatchObject({ winner: 1 });
    }
  });

  it.each(['request', 'response', ...(http2 ? [] : ['socket'])])('is not replaced by got’s own timeout.%s', async (phase) => {
    stage.hedge = isNeverAnswered;
    const error = await told(hedged({ timeout: { [phase]: 300 } })(urlOf('is whole')));
    expect(error).toMatchObject({ name: 'HTTPError', response: { statusCode: 503, body: 'down', ip: '127.0.0.1' } });
  });

  if (!http2) {
    it('is not taken for whole where its body ends with its connection, and that is reset', async () => {
      stage.hedge = isNeverAnswered;
      const error = await told(hedged()(urlOf('ends with its connection, reset')));
      expect(error).toMatchObject({ name: 'RequestError', code: 'ECONNRESET' });
    });
  }

  it('does not make up for a body that stalls', async () => {
    stage.hedge = isNeverAnswered;
    const error = await told(hedged({ timeout: { request: 300 } })(urlOf('stalls')));
    expect(error).toMatchObject({ name: 'TimeoutError', event: 'request' });
  });

  it('is the call’s when got’s timeout passes that an answer would have stopped, and its body is timed on', async () => {
    stage.hedge = isNeverAnswered;
    const error = await told(hedged({ timeout: { response: 150, read: 200 } })(urlOf('stalls')));
    expect(error).toMatchObject({ name: 'TimeoutError', event: 'read' });
  });
});

/** Redirects with a body that breaks off. */
function redirecting(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/there') return void response.end('here');
  response.writeHead(302, { location: '/there', 'content-length': '10' }).write('half');
  setTimeout(() => request.socket.destroy(), 300);
}

describe('a redirect', () => {
  const server = createServer(redirecting);
  beforeAll(() => once(server.listen(0, '127.0.0.1'), 'listening'));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  it.each(['headers', 'firstChunk', 'body'] as const)('is followed by its head alone, although its body breaks off, when the race is to %s', async (raceUntil) => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const client = hedgedClient({ delay: 60_000, raceUntil }, { retry: { limit: 0 } });
    expect(await client(url).text()).toBe('here');
    await expect(client(url, { followRedirect: false }).text()).rejects.toThrow();
  });
});
