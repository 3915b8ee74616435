import { createServer, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { generate } from 'selfsigned';

/** The request header by which a test asks the server to leave the first copy of a request unanswered. */
export const STRAGGLE = 'x-straggle';

/** Real servers on loopback that answer as their path says. */
export interface Playground {
  readonly origin: string;
  readonly tlsOrigin: string;
  /** Where the same server listens on a unix socket. */
  readonly socketPath: string;
  /** A forwarding proxy; it marks what passes through. */
  readonly proxyPort: number;
  /** Requests that arrived, copies left unanswered included. */
  readonly arrivals: readonly Arrival[];
  /** Connections open now. */
  readonly openSockets: number;
  close(): Promise<void>;
}

export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  /** Which connection it came on. */
  readonly port: number | undefined;
  /** Whether the client left before the answer was complete. */
  isGone: boolean;
}

/** Starts a {@link Playground}. */
export async function startPlayground(socketPath: string): Promise<Playground> {
  const arrivals: Arrival[] = [];
  const sockets = new Set<Socket>();
  const straggled = new Set<string>();
  const failures = new Map<string, number>();
  const origins = { http: '', https: '' };

  const listener: RequestListener = (request, response) => {
    const { method = '', url = '', headers } = request;
    const arrival: Arrival = { method, path: url, headers, port: request.socket.remotePort, isGone: false };
    arrivals.push(arrival);
    response.on('close', () => (arrival.isGone = !response.writableFinished));
    const straggle = headers[STRAGGLE];
    if (typeof straggle === 'string' && !straggled.has(straggle)) {
      straggled.add(straggle);
      request.resume();
      return;
    }
    void answer(request, response, { origins, failures });
  };

  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
  const servers = [createServer(listener), createTlsServer({ key, cert }, listener), createServer(listener), createProxy()] as const;
  for (const server of servers) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  }
  const [plain, tls, unix, proxy] = servers;
  await Promise.all([listen(plain, 0), listen(tls, 0), listen(proxy, 0), listen(unix, socketPath)]);
  origins.http = `http://127.0.0.1:${portOf(plain)}`;
  origins.https = `https://127.0.0.1:${portOf(tls)}`;

  return {
    origin: origins.http,
    tlsOrigin: origins.https,
    socketPath,
    proxyPort: portOf(proxy),
    arrivals,
    get openSockets() {
      return sockets.size;
    },
    async close() {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

interface State {
  readonly origins: { readonly http: string; readonly https: string };
  /** How often `/flaky/<name>` will still fail. */
  readonly failures: Map<string, number>;
}

async function answer(request: IncomingMessage, response: ServerResponse, { origins, failures }: State): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const [, route = '', argument = ''] = pathname.split('/');
  const send = (body: string | Buffer, headers: Record<string, string> = {}): unknown =>
    response.writeHead(200, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
  switch (route) {
    case 'echo':
      return send(JSON.stringify(await described(request)), { 'content-type': 'application/json', 'x-served': 'yes' });
    case 'status':
      return response.writeHead(Number(argument), { 'content-type': 'application/json' }).end(`{"status":${argument}}`);
    case 'text':
      return send(Buffer.from(searchParams.get('base64') ?? '', 'base64'));
    case 'gzip':
      return send(gzipSync('{"packed":"gzip"}'), { 'content-encoding': 'gzip' });
    case 'deflate':
      return send(deflateSync('{"packed":"deflate"}'), { 'content-encoding': 'deflate' });
    case 'br':
      return send(brotliCompressSync('{"packed":"br"}'), { 'content-encoding': 'br' });
    case 'bytes':
      return send(Buffer.alloc(Number(argument), 'x'));
    case 'slow-bytes':
      return trickle(response, Number(argument), Number(searchParams.get('pieces')));
    case 'redirect':
      return response.writeHead(302, { location: target(searchParams, origins), 'set-cookie': 'hop=1' }).end();
    case 'loop':
      return response.writeHead(302, { location: '/loop' }).end();
    case 'cookies':
      return response.writeHead(200, { 'set-cookie': ['a=1; Path=/', 'b=2'] }).end('{}');
    case 'reset':
      return request.socket.resetAndDestroy();
    case 'cut':
      response.writeHead(200, { 'content-length': '1000' }).write('only this');
      return setTimeout(() => request.socket.destroy(), 20);
    case 'flaky': {
      const left = failures.get(argument) ?? Number(searchParams.get('times'));
      failures.set(argument, left - 1);
      return response.writeHead(left > 0 ? 503 : 200).end(left > 0 ? 'down' : 'up');
    }
    case 'hang':
      return undefined;
    default:
      return response.writeHead(404).end();
  }
}

/** What a server saw, but for what differs between runs by nature. */
async function described(request: IncomingMessage): Promise<unknown> {
  const headers = without(request.headers, STRAGGLE, 'host', 'connection');
  const body = await buffer(request);
  return { method: request.method, url: request.url, headers, body: body.toString('base64') };
}

function target(query: URLSearchParams, origins: State['origins']): string {
  const to = query.get('to') ?? '/echo';
  return to.replace('{http}', origins.http).replace('{https}', origins.https);
}

/** A copy of an object without some of its members. */
export function without(members: object, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([name]) => !names.includes(name)));
}

/** Sends a body in pieces, a few milliseconds apart. */
function trickle(response: ServerResponse, bytes: number, pieces: number): ServerResponse {
  response.writeHead(200, { 'content-length': String(bytes) });
  let left = pieces;
  const timer = setInterval(() => {
    response.write(Buffer.alloc(bytes / pieces, 'x'));
    if (--left > 0) return;
    clearInterval(timer);
    response.end();
  }, 10);
  return response.on('close', () => clearInterval(timer));
}

/** Forwards requests in absolute form. */
function createProxy(): Server {
  const proxy = createServer((request, response) => {
    const authorization = request.headers['proxy-authorization'];
    const headers = without(request.headers, 'host', 'proxy-authorization');
    const onward = httpRequest(request.url ?? '', { method: request.method, headers: headers as OutgoingHttpHeaders }, (answered) => {
      response.writeHead(answered.statusCode ?? 502, { ...answered.headers, 'x-proxied': authorization ?? 'yes' });
      answered.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  return proxy;
}

function listen(server: Server, where: number | string): Promise<void> {
  return new Promise((resolve) => {
    if (typeof where === 'string') server.listen(where, resolve);
    else server.listen(where, '127.0.0.1', resolve);
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
