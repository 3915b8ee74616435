import { once } from 'node:events';
import { constants, createServer, type OutgoingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { HEADER, STATUS } from '../../support/scripted-grpc-server.js';
import { frame, framed, PATIENT } from '../grpc-frames.js';
import { DRIP_MS, DRIPS, HUGE, PART_MS, type Exchange, type FaultName, type FaultServer, type Take, type Where } from './exchange.js';

/** gRPC by hand over HTTP/2, for both services of the contract's proto. The header `cell` names the cell. */
export async function startGrpcFaultServer(take: Take): Promise<FaultServer> {
  const server = createServer(PATIENT);
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined); // its client has gone
    stream.resume();
    const isStreamed = String(headers[':path']).includes('.Stream/');
    const attempt = Number(headers['grpc-previous-rpc-attempts'] ?? 0);
    take(String(headers[`${HEADER}cell`]), new GrpcExchange(stream, attempt, isStreamed));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const session of sessions) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const GOOD_HEAD = { ':status': 200, 'content-type': 'application/grpc+proto', [STATUS]: '200' } as const;
const OK = { 'grpc-status': '0' } as const;
const NO_MESSAGE = framed(Buffer.from([0xff, 0xff, 0xff]));

class GrpcExchange implements Exchange {
  readonly attempt: number;
  readonly closed: Promise<void>;
  private readonly stream: ServerHttp2Stream;
  private readonly isStreamed: boolean;

  constructor(stream: ServerHttp2Stream, attempt: number, isStreamed: boolean) {
    this.stream = stream;
    this.attempt = attempt;
    this.isStreamed = isStreamed;
    this.closed = new Promise((resolve) => stream.once('close', () => resolve()));
  }

  answer(body: string): void {
    const [first, second] = this.parts(body);
    this.begin();
    this.write(first);
    this.end(OK, second);
  }

  half(body: string): void {
    const [first] = this.parts(body);
    this.begin();
    this.write(first);
  }

  spoil(fault: FaultName, where: Where, body: string, dripMs: number): void {
    if (where === 'head') this.spoilHead(fault, body, dripMs);
    else this.spoilBody(fault, body, dripMs);
  }

  private spoilHead(fault: FaultName, body: string, dripMs: number): void {
    switch (fault) {
      case 'reset':
        return this.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
      case 'half-open':
        return;
      case 'truncated':
        return this.begin({}, true);
      case 'slow':
        return void setTimeout(() => this.answer(body), dripMs * DRIPS);
      case 'stall':
        return this.begin();
      case 'status 5xx':
        return this.begin({ ':status': 503, 'content-type': 'text/plain' }, true);
      case 'status 429':
        return this.begin({ 'grpc-status': '8', 'grpc-message': body.slice(0, 20), 'grpc-retry-pushback-ms': '1000' }, true);
      case 'oversized headers':
        this.begin({ 'x-huge': HUGE });
        return this.end(OK, frame(Buffer.from(body)));
      case 'redirect circle':
        return this.begin({ ':status': 302, location: '/', 'content-type': 'text/plain' }, true);
      case 'malformed':
        this.begin();
        return this.end(OK, NO_MESSAGE);
      case 'wrong length':
        this.begin({ 'content-length': 5 });
        return this.end(OK, frame(Buffer.from(body)));
      default:
        throw new Error(`no server can do ${fault} to a head`);
    }
  }

  private spoilBody(fault: FaultName, body: string, dripMs = DRIP_MS): void {
    const [, second] = this.parts(body);
    const later = (act: () => void, ms = PART_MS): void => void setTimeout(act, ms);
    if (fault === 'wrong length' && !this.isStreamed) {
      this.begin();
      return this.end(OK, frame(Buffer.from(body), 7));
    }
    this.half(body);
    switch (fault) {
      case 'reset':
        return later(() => this.stream.close(constants.NGHTTP2_INTERNAL_ERROR));
      case 'truncated':
        return later(() => this.end(undefined));
      case 'slow':
        return later(() => this.end(OK, second), dripMs * DRIPS);
      case 'stall':
        return;
      case 'status 5xx':
        return later(() => this.end({ 'grpc-status': '13', 'grpc-message': 'broken' }));
      case 'status 429':
        return later(() => this.end({ 'grpc-status': '8', 'grpc-retry-pushback-ms': '1000' }));
      case 'oversized headers':
        return later(() => this.end({ ...OK, 'x-huge': HUGE }, second));
      case 'malformed':
        return later(() => this.end(OK, NO_MESSAGE));
      case 'wrong length':
        return later(() => this.end(OK, frame(Buffer.from(body.slice(body.length / 2)), 7)));
      default:
        throw new Error(`no server can do ${fault} to a body`);
    }
  }

  /** A stream's two messages, or the two halves of the only one. */
  private parts(body: string): [Buffer, Buffer] {
    const half = body.length / 2;
    if (this.isStreamed) return [frame(Buffer.from(body.slice(0, half))), frame(Buffer.from(body.slice(half)))];
    const whole = frame(Buffer.from(body));
    return [whole.subarray(0, half), whole.subarray(half)];
  }

  private begin(headers: OutgoingHttpHeaders = {}, isEnd = false): void {
    const { stream } = this;
    if (!stream.destroyed && !stream.closed) stream.respond({ ...GOOD_HEAD, ...headers }, isEnd ? { endStream: true } : { waitForTrailers: true });
  }

  private write(bytes: Buffer): void {
    if (!this.stream.destroyed) this.stream.write(bytes);
  }

  private end(trailers: OutgoingHttpHeaders | undefined, bytes?: Buffer): void {
    const { stream } = this;
    if (stream.destroyed) return;
    stream.once('wantTrailers', () => {
      if (trailers === undefined) stream.close();
      else stream.sendTrailers(trailers);
    });
    stream.end(bytes);
  }
}
