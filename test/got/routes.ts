import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

/** What the routes share. */
export interface RouteState {
  readonly origins: { readonly http: string; readonly https: string };
  /** Counts by name. */
  readonly memory: Map<string, number>;
}

/** Answers by the first part of the path; the second is its argument. */
export async function answer(request: IncomingMessage, response: ServerResponse, { origins, memory }: RouteState): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const [, route = '', argument = ''] = pathname.split('/');
  const send = (body: string | Buffer, headers: Record<string, string> = {}, status = 200): void =>
    void response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
  const json = (value: unknown, headers?: Record<string, string>): void => send(JSON.stringify(value), { 'content-type': 'application/json', ...headers });
  const count = (name: string): number => {
    const next = (memory.get(name) ?? 0) + 1;
    memory.set(name, next);
    return next;
  };
  switch (route) {
    case 'echo':
      return json(await described(request), { 'x-served': 'yes' });
    case 'status':
      return send(`status ${argument}`, {}, Number(argument));
    case 'text':
      return send(decodeURIComponent(argument));
    case 'packed':
      return send(packers[argument]?.('{"packed":true}') ?? '', { 'content-encoding': argument });
    case 'packed-error':
      return send(gzipSync('down'), { 'content-encoding': 'gzip' }, 503);
    case 'bytes':
      return send(Buffer.alloc(Number(argument), 'x'));
    case 'pieces':
      return pieces(response, Number(argument));
    case 'redirect': {
      const to = (searchParams.get('to') ?? '/echo').replace('{http}', origins.http).replace('{https}', origins.https);
      return send('', { location: to, 'set-cookie': 'hop=1; Path=/' }, Number(argument || 302));
    }
    case 'loop':
      return send('', { location: '/loop' }, 302);
    case 'cookie':
      return send('', { 'set-cookie': `${argument}; Path=/` });
    case 'flaky': // fails `argument` times
      return count(pathname) > Number(argument) ? send('up') : send('down', searchParams.has('after') ? { 'retry-after': '1' } : {}, 503);
    case 'cached':
      return send(`answer ${count(pathname)}`, { 'cache-control': 'max-age=60' });
    case 'etag':
      return request.headers['if-none-match'] === '"one"' ? send('', { etag: '"one"' }, 304) : send('tagged', { etag: '"one"', 'cache-control': 'no-cache' });
    case 'page': {
      const next = Number(argument) + 1;
      return json([next * 10, next * 10 + 1], next < 4 ? { link: `</page/${next}>; rel="next"` } : {});
    }
    case 'cut':
      response.writeHead(200, { 'content-length': '1000' }).write('only this');
      return void setTimeout(() => request.socket.destroy(), 10);
    case 'reset':
      return void request.socket.resetAndDestroy();
    case 'stall': // after the head, and a first piece
      return void response.writeHead(200, { 'content-length': '1000' }).write('a first piece');
    case 'early-hints':
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      return send('hinted');
    case 'hang':
      return;
    default:
      return send('no such route', {}, 404);
  }
}

const packers: Record<string, (body: string) => Buffer> = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };

/** What a server saw of a request, but for what differs between runs by nature. */
async function described(request: IncomingMessage): Promise<unknown> {
  const { host: _host, connection: _connection, ':authority': _authority, 'content-type': type, ...headers } = request.headers;
  const body = await buffer(request);
  const kind = type?.replace(/boundary=.*/, 'boundary');
  return { method: request.method, url: request.url, version: request.httpVersion, type: kind, headers, body: kind?.includes('boundary') ? body.length : body.toString('base64') };
}

/** Sends a body of `count` pieces of 1,000 bytes, a few milliseconds apart. */
function pieces(response: ServerResponse, count: number): void {
  response.writeHead(200, { 'content-length': count * 1_000 });
  const next = (left: number): void => {
    if (left === 0) return void response.end();
    response.write(Buffer.alloc(1_000, 'x'));
    setTimeout(next, 2, left - 1);
  };
  next(count);
}
