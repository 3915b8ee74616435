import { once } from 'node:events';
import { constants, createServer, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { frame, framed, PATIENT } from '../grpc-frames.js';
import { bodyOf, complaintOf, fateOf, lateMs, PIECE, refusalOf, silenceMs, thinksMs, tiradeOf } from './fates.js';
import { CONTEXT } from './protocol.js';
import type { Visit, Witness } from './witness.js';

const HUGE = 'x'.repeat(100_000);
const HEAD = { ':status': 200, 'content-type': 'application/grpc+proto' } as const;
const OK = { 'grpc-status': '0' } as const;
/** Within what clients take, and never reached. */
const ENDLESS_BYTES = 4_000_000;

/** The same fates for calls of gRPC, over HTTP/2 by hand: one message for an answer, or two in a stream. */
export async function listenForGrpc(witness: Witness): Promise<string> {
  const server = createServer(PATIENT);
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined); // its client has gone
    stream.resume();
    const visit = { call: Number(headers.call), attempt: Number(headers['grpc-previous-rpc-attempts'] ?? 0) };
    witness.received(visit, headers[CONTEXT]);
    new Exchange(stream, visit, witness, String(headers[':path']).includes('.Stream/')).act();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

class Exchange {
  private readonly stream: ServerHttp2Stream;
  private readonly visit: Visit;
  private readonly witness: Witness;
  private readonly first: Buffer;
  private readonly second: Buffer;

  constructor(stream: ServerHttp2Stream, visit: Visit, witness: Witness, isStreamed: boolean) {
    this.stream = stream;
    this.visit = visit;
    this.witness = witness;
    const body = bodyOf(visit.call);
    const half = Math.floor(body.length / 2);
    const whole = isStreamed ? Buffer.alloc(0) : frame(body);
    this.first = isStreamed ? frame(body.subarray(0, half)) : whole.subarray(0, half);
    this.second = isStreamed ? frame(body.subarray(half)) : whole.subarray(half);
  }

  act(): void {
    const { stream, second, visit: { call, attempt } } = this;
    const complain = (code: number, more?: OutgoingHttpHeaders): void =>
      stream.respond({ ...HEAD, 'grpc-status': String(code), 'grpc-message': complaintOf(call, attempt), ...more }, { endStream: true });
    switch (fateOf(call, attempt)) {
      case 'good':
        return this.answer();
      case 'late':
        return this.later(lateMs(call, attempt), () => this.answer());
      case 'slow body':
        this.begin();
        return this.later(50, () => this.end(second));
      case 'reset':
        return this.later(2, () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
      case 'half-open':
        return this.later(silenceMs(false), () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
      case 'stall':
        this.begin();
        return this.later(silenceMs(false), () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
      case 'truncated':
        return this.begin(() => this.later(5, () => stream.close(constants.NGHTTP2_INTERNAL_ERROR)));
      case '503':
        return complain(14);
      case 'large 503':
        return this.later(thinksMs(call, attempt), () => complain(14));
      case 'broken 503':
        return this.later(thinksMs(call, attempt), () => {
          stream.respond({ ...HEAD, ':status': 503 });
          stream.write(framed(tiradeOf(call, attempt), 1), () => this.later(5, () => stream.close(constants.NGHTTP2_INTERNAL_ERROR)));
        });
      case 'endless':
        return this.goOn();
      case '429':
        return complain(8, { 'grpc-retry-pushback-ms': '20' });
      case 'refused':
        return this.later(thinksMs(call, attempt), () => complain(refusalOf(call, attempt, 'grpc')));
      case 'oversized':
        stream.respond({ ...HEAD, 'x-huge': HUGE }, { waitForTrailers: true });
        return this.end(second);
      case 'circle':
        return stream.respond({ ':status': 302, location: '/' }, { endStream: true });
    }
  }

  /** Part of a message, and never the rest. */
  private goOn(): void {
    const { stream, visit, witness } = this;
    const onClosed = witness.beginsEndless(visit);
    stream.respond({ ...HEAD, ':status': 503 });
    stream.write(framed(Buffer.alloc(0), ENDLESS_BYTES));
    let bytes = 0;
    const work = setInterval(() => {
      if (stream.writableNeedDrain || bytes + PIECE.length >= ENDLESS_BYTES) return;
      stream.write(PIECE);
      bytes += PIECE.length;
    }, 10);
    stream.once('close', () => {
      clearInterval(work);
      onClosed(bytes);
    });
  }

  private answer(): void {
    this.begin();
    this.end(this.second);
  }

  /** Calls `onSent` once the first part is on its way. */
  private begin(onSent?: () => void): void {
    this.stream.respond(HEAD, { waitForTrailers: true });
    this.stream.write(this.first, onSent);
  }

  private end(last: Buffer): void {
    const { stream } = this;
    stream.once('wantTrailers', () => stream.sendTrailers(OK));
    stream.end(last);
  }

  private later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      if (!this.stream.destroyed && !this.stream.closed) work();
    }, ms);
    this.stream.once('close', () => clearTimeout(timer));
  }
}
