import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { bytesOf, codingHeader, ENDLESS_PIECE, headersOf, locationOf } from './answer.js';
import type { Fault } from './case.js';
import { ENDLESS_BYTES, PART_MS, pause, SLOW_MS, SLOW_PIECES } from './protocol.js';
import type { Exchange, Wire } from './script.js';

export interface Taken {
  readonly id: string;
  readonly hop: string;
  readonly attempt: number;
  readonly wire: Wire;
}

/** A stream of HTTP/2: what is common to HTTP and gRPC over it. */
export abstract class StreamExchange implements Exchange {
  readonly attempt: number;
  readonly wire: Wire;
  readonly isHop: boolean;
  isOver = false;
  isClosed = false;
  sent = 0;
  protected readonly id: string;
  protected readonly hop: string;
  protected readonly stream: ServerHttp2Stream;

  constructor(stream: ServerHttp2Stream, { id, hop, attempt, wire }: Taken) {
    this.stream = stream;
    this.id = id;
    this.hop = hop;
    this.attempt = attempt;
    this.wire = wire;
    this.isHop = hop !== '';
    const pieces: Buffer[] = [];
    stream.on('data', (piece: Buffer) => pieces.push(piece));
    stream.once('end', () => {
      if (!stream.closed && !stream.aborted) wire.body = Buffer.concat(pieces).toString('latin1');
    });
    stream.once('close', () => (this.isOver = this.isClosed = true));
  }

  async play(fault: Fault, label: string): Promise<void> {
    await pause(fault.waitMs);
    if (this.isOver || !this.begin(fault)) return;
    await this.answer(fault, label);
  }

  protected abstract answer(fault: Fault, label: string): Promise<void>;

  /** What comes before the head; whether there is to be one. */
  private begin({ before }: Fault): boolean {
    const { stream } = this;
    switch (before) {
      case 'nothing':
        return true;
      case '100':
      case '103':
        stream.additionalHeaders({ ':status': Number(before) });
        return true;
      case 'silence':
        return false;
      default:
        stream.close(RESETS[before]);
        return false;
    }
  }

  protected piece(bytes: Buffer): void {
    this.sent += bytes.length;
    if (!this.stream.destroyed) this.stream.write(bytes);
  }

  /** Until its client has had enough. */
  protected async endless(piece: Buffer): Promise<void> {
    while (!this.isOver && this.sent < ENDLESS_BYTES) {
      this.piece(piece);
      await pause(1);
      if (this.stream.writableNeedDrain) await pause(4);
    }
  }
}

/** Over HTTP/2 there is nothing below a head that could be spoilt but the stream itself. */
const RESETS: Readonly<Record<string, number>> = {
  reset: constants.NGHTTP2_INTERNAL_ERROR,
  close: constants.NGHTTP2_REFUSED_STREAM,
  garbage: constants.NGHTTP2_PROTOCOL_ERROR,
  '101': constants.NGHTTP2_CANCEL,
  'half a head': constants.NGHTTP2_NO_ERROR,
  'huge head': constants.NGHTTP2_ENHANCE_YOUR_CALM,
  'two lengths': constants.NGHTTP2_HTTP_1_1_REQUIRED,
};

/** HTTP over HTTP/2. */
export class Http2Exchange extends StreamExchange {
  protected override async answer(asked: Fault, label: string): Promise<void> {
    const fault = this.hop.startsWith('good') ? { ...asked, status: 200 } : asked;
    const { stream } = this;
    const { end, size, pace } = fault;
    const body = bytesOf(label, fault);
    const isBodiless = this.wire.method === 'HEAD' || fault.status === 204 || fault.status === 304;
    stream.respond(this.headOf(fault, label, body), { endStream: isBodiless, waitForTrailers: end === 'trailers' && !isBodiless, ...NO_DATE });
    if (isBodiless) return;
    stream.once('wantTrailers', () => stream.sendTrailers({ 'x-trailer': 'there' }));
    if (size === 'endless') return this.endless(ENDLESS_PIECE);
    const isWhole = end === 'well' || end === 'trailers' || end === 'too long';
    const part = isWhole ? body : body.subarray(0, Math.ceil(body.length / 2));
    const step = Math.max(1, Math.ceil(part.length / (pace === 'slow' ? SLOW_PIECES : 1)));
    for (let at = 0; at < part.length; at += step) {
      if (at > 0) await pause(SLOW_MS);
      if (this.isOver) return;
      this.piece(part.subarray(at, at + step));
    }
    await pause(isWhole ? 0 : PART_MS);
    if (this.isOver || end === 'stall') return;
    if (end === 'reset') stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else if (end === 'bad chunk') stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
    else stream.end(end === 'too long' ? 'and more' : undefined);
  }

  private headOf(fault: Fault, label: string, body: Buffer): OutgoingHttpHeaders {
    const head: OutgoingHttpHeaders = { ':status': fault.status, 'content-type': 'application/json' };
    for (const [name, value] of headersOf(label, fault)) {
      const key = name.toLowerCase();
      if (key === 'set-cookie') head[key] = [...((head[key] as string[] | undefined) ?? []), value];
      else head[key] ??= value;
    }
    const location = fault.status === 302 ? locationOf(this.id, this.attempt, fault) : undefined;
    if (location !== undefined) head.location = location;
    const coding = codingHeader(fault);
    const hasBody = fault.status !== 204 && fault.status !== 304;
    if (coding !== undefined && hasBody) head['content-encoding'] = coding;
    if (hasBody && fault.framing === 'length') head['content-length'] = fault.size === 'endless' ? 2 ** 31 : body.length;
    return head;
  }
}

/** Node's types do not know it. */
export const NO_DATE: object = { sendDate: false };
