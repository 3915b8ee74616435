import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

/** What the servers of a playground share. */
export interface RouteState {
  readonly origins: { readonly http: string; readonly https: string };
  /** Counts by name. */
  readonly memory: Map<string, number>;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly state: RouteState;
  /** The path without its query, and its second part. */
  readonly path: string;
  readonly argument: string;
  readonly query: URLSearchParams;
}

/** Answers by the first part of the path, see {@link routes}. */
export function answer(request: IncomingMessage, response: ServerResponse, state: RouteState): void {
  const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://localhost');
  const [, route = '', argument = ''] = path.split('/');
  const exchange = { request, response, state, path, argument, query };
  if (routes[route]) routes[route](exchange);
  else send(exchange, 'no such route', {}, 404);
}

const routes: Readonly<Record<string, (exchange: Exchange) => void>> = {
  echo: (to) => void describe(to.request).then((seen) => sendJson(to, seen, { 'x-served': 'yes' })),
  status: (to) => send(to, `status ${to.argument}`, {}, Number(to.argument)),
  /** Without a length: a parser may wait for a body of that length. */
  'no-content': ({ response }) => void response.writeHead(204).end(),
  text: (to) => send(to, decodeURIComponent(to.argument)),
  packed: (to) => send(to, packers[to.argument]?.('{"packed":true}') ?? '', { 'content-encoding': to.argument }),
  'packed-error': (to) => send(to, gzipSync('down'), { 'content-encoding': 'gzip' }, 503),
  bytes: (to) => send(to, Buffer.alloc(Number(to.argument), 'x')),
  pieces: (to) => sendPieces(to.response, Number(to.argument)),
  redirect: (to) => send(to, '', { location: locationOf(to), 'set-cookie': 'hop=1; Path=/' }, Number(to.argument || 302)),
  loop: (to) => send(to, '', { location: '/loop' }, 302),
  cookie: (to) => send(to, '', { 'set-cookie': `${to.argument}; Path=/` }),
  /** Fails as often as its argument says. */
  flaky: (to) => (count(to) > Number(to.argument) ? send(to, 'up') : send(to, 'down', {}, 503)),
  cached: (to) => send(to, `answer ${count(to)}`, { 'cache-control': 'max-age=60' }),
  etag: (to) =>
    to.request.headers['if-none-match'] === '"one"'
      ? send(to, '', { etag: '"one"' }, 304)
      : send(to, 'tagged', { etag: '"one"', 'cache-control': 'no-cache' }),
  page(to) {
    const next = Number(to.argument) + 1;
    sendJson(to, [next * 10, next * 10 + 1], next < 4 ? { link: `</page/${next}>; rel="next"` } : {});
  },
  hints(to) {
    to.response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    send(to, 'hinted');
  },
  /** Breaks off within the body. */
  cut({ request, response }) {
    response.writeHead(200, { 'content-length': '1000' }).write('only this');
    setTimeout(() => request.socket.destroy(), 10);
  },
  /** Stops speaking HTTP within the body. */
  garbage({ request, response }) {
    response.writeHead(200).write('a first piece');
    setTimeout(() => request.socket.write('no chunk\r\n'), 10);
  },
  /** Says that its body ends before it does; what is left over comes with the head. Not `connection: close`: Node 20.19 ignores what follows. */
  leftover({ request, response }) {
    request.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nfive, and more');
    response.detachSocket(request.socket);
  },
  /** Stops within the body. */
  stall: ({ response }) => void response.writeHead(200, { 'content-length': '1000' }).write('a first piece'),
  reset: ({ request }) => void request.socket.resetAndDestroy(),
  hang: () => undefined,
};

const packers: Readonly<Record<string, (body: string) => Buffer>> = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

function send({ response }: Exchange, body: string | Buffer, headers: Readonly<Record<string, string>> = {}, status = 200): void {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
}

function sendJson(exchange: Exchange, value: unknown, headers: Readonly<Record<string, string>>): void {
  send(exchange, JSON.stringify(value), { 'content-type': 'application/json', ...headers });
}

/** Sends a body of `count` pieces of 1,000 bytes, a few milliseconds apart. */
function sendPieces(response: ServerResponse, count: number): void {
  response.writeHead(200, { 'content-length': count * 1_000 });
  const next = (left: number): void => {
    if (left === 0) {
      response.end();
      return;
    }
    response.write(Buffer.alloc(1_000, 'x'));
    setTimeout(next, 2, left - 1);
  };
  next(count);
}

function locationOf({ query, state: { origins } }: Exchange): string {
  return (query.get('to') ?? '/echo').replace('{http}', origins.http).replace('{https}', origins.https);
}

/** How often this path was asked for. */
function count({ path, state: { memory } }: Exchange): number {
  const times = (memory.get(path) ?? 0) + 1;
  memory.set(path, times);
  return times;
}

/** What a server saw of a request, but for what differs between runs by nature. */
async function describe(request: IncomingMessage): Promise<unknown> {
  const headers = without(request.headers, 'host', 'connection', ':authority', 'content-type');
  const type = request.headers['content-type']?.replace(/boundary=.*/, 'boundary');
  const body = await buffer(request);
  const { method, url, httpVersion } = request;
  return { method, url, version: httpVersion, type, headers, body: type?.includes('boundary') ? body.length : body.toString('base64') };
}

/** A copy of an object without some members. */
export function without(object: object, ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name)));
}
