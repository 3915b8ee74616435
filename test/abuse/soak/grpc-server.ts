import { once } from 'node:events';
import { constants, createServer, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { frame, PATIENT } from '../grpc-frames.js';
import { bodyOf, complaintOf, fateOf, lateMs, silenceMs } from './fates.js';
import type { Counts } from './protocol.js';

const HUGE = 'x'.repeat(100_000);
const HEAD = { ':status': 200, 'content-type': 'application/grpc+proto' } as const;
const OK = { 'grpc-status': '0' } as const;

/** The same fates for calls of gRPC, over HTTP/2 by hand: one message for an answer, or two in a stream. */
export async function listenForGrpc(counts: Counts): Promise<string> {
  const server = createServer(PATIENT);
  server.on('session', (session) => session.on('error', () => undefined));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined); // its client has gone
    stream.resume();
    const [call, attempt] = [Number(headers.call), Number(headers['grpc-previous-rpc-attempts'] ?? 0)];
    counts.received[attempt > 0 ? 'hedges' : 'primaries']++;
    new Visit(stream, call, String(headers[':path']).includes('.Stream/')).act(attempt);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

class Visit {
  private readonly stream: ServerHttp2Stream;
  private readonly call: number;
  private readonly first: Buffer;
  private readonly second: Buffer;

  constructor(stream: ServerHttp2Stream, call: number, isStreamed: boolean) {
    this.stream = stream;
    this.call = call;
    const body = bodyOf(call);
    const half = Math.floor(body.length / 2);
    const whole = isStreamed ? Buffer.alloc(0) : frame(body);
    this.first = isStreamed ? frame(body.subarray(0, half)) : whole.subarray(0, half);
    this.second = isStreamed ? frame(body.subarray(half)) : whole.subarray(half);
  }

  act(attempt: number): void {
    const { call, stream, second } = this;
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
      case '429':
        return complain(8, { 'grpc-retry-pushback-ms': '20' });
      case 'oversized':
        stream.respond({ ...HEAD, 'x-huge': HUGE }, { waitForTrailers: true });
        return this.end(second);
      case 'circle':
        return stream.respond({ ':status': 302, location: '/' }, { endStream: true });
    }
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
