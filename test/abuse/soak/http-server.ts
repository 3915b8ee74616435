import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { bodyOf, complaintOf, DRAINED, fateOf, framingOf, lateMs, PIECE, refusalOf, silenceMs, thinksMs, tiradeOf } from './fates.js';
import { CONTEXT } from './protocol.js';
import type { Visit, Witness } from './witness.js';

const PARTS = 5;
const HUGE = 'x'.repeat(20_000);

/** Answers each attempt by its fate; with `asksForRest` its 429s have a `Retry-After`. */
export async function listenForHttp(witness: Witness, asksForRest: boolean): Promise<string> {
  const server = createServer((request, response) => {
    const visit = { call: Number(request.url?.split('/')[2]), attempt: Number(request.headers['x-hedge-attempt'] ?? 0) };
    witness.received(visit, request.headers[CONTEXT]);
    new Exchange(request, response, visit, witness).act(asksForRest);
  });
  // Connections are closed by fate alone: a request must not meet one that is just being closed for its age.
  server.keepAliveTimeout = server.requestTimeout = server.headersTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

class Exchange {
  private readonly request: IncomingMessage;
  private readonly response: ServerResponse;
  private readonly visit: Visit;
  private readonly witness: Witness;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(request: IncomingMessage, response: ServerResponse, visit: Visit, witness: Witness) {
    this.request = request;
    this.response = response;
    this.visit = visit;
    this.witness = witness;
    response.once('close', () => this.timers.forEach(clearTimeout));
    response.on('error', () => undefined);
  }

  act(asksForRest: boolean): void {
    const { request, response, visit: { call, attempt } } = this;
    const body = bodyOf(call);
    const complain = (status: number, headers = {}): void => void response.writeHead(status, headers).end(complaintOf(call, attempt));
    const begin = (): ServerResponse => response.writeHead(200, { 'content-length': body.length });
    const hangUpLater = (): void => this.later(silenceMs(this.isDrained), () => request.socket.destroy());
    switch (fateOf(call, attempt)) {
      case 'good':
        return void begin().end(body);
      case 'late':
        return this.later(lateMs(call, attempt), () => begin().end(body));
      case 'slow body':
        begin();
        return this.drip(body, () => response.end());
      case 'reset':
        return this.later(2, () => void request.socket.resetAndDestroy());
      case 'half-open':
        return hangUpLater();
      case 'stall':
        begin().write(body.subarray(0, body.length / 2));
        return hangUpLater();
      case 'truncated':
        // Once it is on its way: it may have to wait for the answer before it to be done with.
        return void begin().write(body.subarray(0, body.length / 2), () => this.later(5, () => request.socket.destroy()));
      case '503':
        return complain(503);
      case 'large 503':
        return this.later(thinksMs(call, attempt), () => void response.writeHead(503).end(tiradeOf(call, attempt)));
      case 'broken 503':
        return this.later(thinksMs(call, attempt), () => this.breakOff());
      case 'endless':
        return this.goOn();
      case '429':
        return complain(429, asksForRest ? { 'retry-after': '1' } : {});
      case 'refused':
        return this.later(thinksMs(call, attempt), () => complain(refusalOf(call, attempt, 'http')));
      case 'oversized':
        return void response.writeHead(200, { 'x-huge': HUGE, 'content-length': body.length }).end(body);
      case 'circle':
        return void response.writeHead(302, { location: request.url, 'content-length': 0 }).end();
    }
  }

  /** Of a client that lets losers finish. */
  private get isDrained(): boolean {
    return this.request.headers[DRAINED] !== undefined;
  }

  private later(ms: number, work: () => void): void {
    this.timers.push(setTimeout(work, ms));
  }

  /** One part after the other: timers of different lengths may overtake each other. */
  private drip(body: Buffer, onSent: () => void, part = 0): void {
    if (part === PARTS) return onSent();
    this.response.write(body.subarray((part * body.length) / PARTS, ((part + 1) * body.length) / PARTS));
    this.later(10, () => this.drip(body, onSent, part + 1));
  }

  /** The connection is reset. */
  private breakOff(): void {
    const { request, response, visit: { call, attempt } } = this;
    const tirade = tiradeOf(call, attempt);
    const framing = framingOf(call, attempt);
    if (framing === 'unframed') response.useChunkedEncodingByDefault = false;
    response.writeHead(503, framing === 'unframed' ? { connection: 'close' } : framing === 'by length' ? { 'content-length': tirade.length + 1 } : {});
    this.drip(tirade, () => request.socket.resetAndDestroy());
  }

  private goOn(): void {
    const { response, visit, witness } = this;
    const onClosed = witness.beginsEndless(visit);
    let bytes = 0;
    const work = setInterval(() => {
      if (response.writableNeedDrain) return;
      response.write(PIECE);
      bytes += PIECE.length;
    }, 4);
    response.once('close', () => {
      clearInterval(work);
      onClosed(bytes);
    });
    response.writeHead(503);
    if (this.isDrained) this.later(silenceMs(true), () => response.end());
  }
}
