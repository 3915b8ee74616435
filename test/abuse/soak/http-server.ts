import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { bodyOf, complaintOf, DRAINED, fateOf, lateMs, silenceMs } from './fates.js';
import type { Counts } from './protocol.js';

const PARTS = 5;
const HUGE = 'x'.repeat(20_000);

/** Answers each attempt by its fate; with `asksForRest` its 429s have a `Retry-After`. */
export async function listenForHttp(counts: Counts, asksForRest: boolean): Promise<string> {
  const server = createServer((request, response) => {
    const [call, attempt] = [Number(request.url?.split('/')[2]), Number(request.headers['x-hedge-attempt'] ?? 0)];
    counts.received[attempt > 0 ? 'hedges' : 'primaries']++;
    act(request, response, { call, attempt, asksForRest });
  });
  // Connections are closed by fate alone: a request must not meet one that is just being closed for its age.
  server.keepAliveTimeout = server.requestTimeout = server.headersTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Visit {
  readonly call: number;
  readonly attempt: number;
  readonly asksForRest: boolean;
}

function act(request: IncomingMessage, response: ServerResponse, { call, attempt, asksForRest }: Visit): void {
  const body = bodyOf(call);
  const timers: NodeJS.Timeout[] = [];
  const later = (ms: number, work: () => void): void => void timers.push(setTimeout(work, ms));
  response.once('close', () => timers.forEach(clearTimeout));
  response.on('error', () => undefined);
  const begin = (): ServerResponse => response.writeHead(200, { 'content-length': body.length });
  // One after the other: timers of different lengths may overtake each other.
  const drip = (part: number): void => {
    if (part === PARTS) return void response.end();
    response.write(body.subarray((part * body.length) / PARTS, ((part + 1) * body.length) / PARTS));
    later(10, () => drip(part + 1));
  };
  switch (fateOf(call, attempt)) {
    case 'good':
      return void begin().end(body);
    case 'late':
      return later(lateMs(call, attempt), () => begin().end(body));
    case 'slow body':
      begin();
      return drip(0);
    case 'reset':
      return later(2, () => void request.socket.resetAndDestroy());
    case 'half-open':
      return later(silenceMs(request.headers[DRAINED] !== undefined), () => request.socket.destroy());
    case 'stall':
      begin().write(body.subarray(0, body.length / 2));
      return later(silenceMs(request.headers[DRAINED] !== undefined), () => request.socket.destroy());
    case 'truncated':
      // Once it is on its way: it may have to wait for the answer before it to be done with.
      return void begin().write(body.subarray(0, body.length / 2), () => later(5, () => request.socket.destroy()));
    case '503':
      return void response.writeHead(503).end(complaintOf(call, attempt));
    case '429':
      return void response.writeHead(429, asksForRest ? { 'retry-after': '1' } : {}).end(complaintOf(call, attempt));
    case 'oversized':
      return void response.writeHead(200, { 'x-huge': HUGE, 'content-length': body.length }).end(body);
    case 'circle':
      return void response.writeHead(302, { location: request.url, 'content-length': 0 }).end();
  }
}
