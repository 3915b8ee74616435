import type { Socket } from 'node:net';
import { bytesOf, codingHeader, ENDLESS_PIECE, headersOf, locationOf } from './answer.js';
import type { Fault } from './case.js';
import { ENDLESS_BYTES, PART_MS, pause, SLOW_MS, SLOW_PIECES } from './protocol.js';
import type { Exchange, Wire } from './script.js';

interface Taken {
  readonly id: string;
  readonly hop: string;
  readonly attempt: number;
  readonly wire: Wire;
}

const REASONS: Readonly<Record<number, string>> = { 200: 'OK', 204: 'No Content', 206: 'Partial Content', 302: 'Found', 404: 'Not Found', 503: 'Service Unavailable' };

/** One request over a socket of its own, or one after the other. */
export class HttpExchange implements Exchange {
  readonly attempt: number;
  readonly wire: Wire;
  readonly isHop: boolean;
  isOver = false;
  isClosed = false;
  sent = 0;
  private readonly id: string;
  private readonly hop: string;
  private readonly socket: Socket;
  private readonly onFree: () => void;

  /** @param onFree - the connection may read another request. */
  constructor(socket: Socket, { id, hop, attempt, wire }: Taken, onFree: () => void) {
    this.socket = socket;
    this.id = id;
    this.hop = hop;
    this.attempt = attempt;
    this.wire = wire;
    this.isHop = hop !== '';
    this.onFree = onFree;
  }

  /** The connection has closed. */
  leave(): void {
    this.isOver = this.isClosed = true;
  }

  async play(asked: Fault, label: string): Promise<void> {
    const fault = this.hop.startsWith('good') ? { ...asked, before: 'nothing' as const, status: 200 } : asked;
    await pause(fault.waitMs);
    if (this.isOver || !(await this.begin(fault))) return;
    const body = bytesOf(label, fault);
    const isBodiless = this.isBodiless(fault);
    // What is sent too much comes with the end of what it follows: else it is chance whether anybody sees it.
    const isMore = fault.end === 'too long' || (fault.end === 'bad chunk' && isBodiless);
    if (isMore) this.socket.cork();
    this.write(this.headOf(fault, label, body));
    if (!isBodiless) return this.sendBody(fault, body);
    await pause(fault.end === 'well' || isMore ? 0 : PART_MS);
    this.finish(fault);
  }

  private isBodiless({ status }: Fault): boolean {
    return this.wire.method === 'HEAD' || status === 204 || status === 304;
  }

  /** What comes before the head; whether there is to be one. */
  private async begin({ before }: Fault): Promise<boolean> {
    const { socket } = this;
    switch (before) {
      case 'nothing':
        return true;
      case '100':
        this.write('HTTP/1.1 100 Continue\r\n\r\n');
        return true;
      case '103':
        this.write('HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n'.repeat(2));
        await pause(1);
        return true;
      case '101':
        socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: nothing\r\nConnection: Upgrade\r\n\r\n');
        return false;
      case 'reset':
        this.reset();
        return false;
      case 'close':
        socket.end();
        return false;
      case 'silence':
        return false;
      case 'garbage':
        socket.end('This is no HTTP.\r\n\r\n');
        return false;
      case 'half a head':
        socket.end('HTTP/1.1 200 OK\r\nContent-Ty');
        return false;
      case 'huge head':
        socket.end(`HTTP/1.1 200 OK\r\nX-Huge: ${'x'.repeat(100_000)}\r\n\r\n`);
        return false;
      case 'two lengths':
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nseven..');
        return false;
    }
  }

  private headOf(fault: Fault, label: string, body: Buffer): string {
    const { status, framing, keepAlive, size } = fault;
    const location = status >= 300 && status < 400 && status !== 304 ? locationOf(this.id, this.attempt, fault) : undefined;
    const coding = codingHeader(fault);
    const hasBody = status !== 204 && status !== 304;
    const lines = [
      `HTTP/1.1 ${status} ${REASONS[status] ?? 'Whatever'}`,
      ...headersOf(label, fault).map(([name, value]) => `${name}: ${value}`),
      'Content-Type: application/json',
      `Connection: ${keepAlive && isClean(fault) ? 'keep-alive' : 'close'}`,
      ...(location === undefined ? [] : [`Location: ${location}`]),
      ...(coding === undefined || !hasBody ? [] : [`Content-Encoding: ${coding}`]),
      ...(!hasBody || framing === 'until close' ? [] : [framing === 'length' ? `Content-Length: ${size === 'endless' ? 2 ** 31 : body.length}` : 'Transfer-Encoding: chunked']),
    ];
    return `${lines.join('\r\n')}\r\n\r\n`;
  }

  private async sendBody(fault: Fault, body: Buffer): Promise<void> {
    const { end, size, pace } = fault;
    if (size === 'endless') return this.stream(fault);
    const isWhole = end === 'well' || end === 'trailers' || end === 'too long';
    const part = isWhole ? body : body.subarray(0, Math.ceil(body.length / 2));
    const pieces = pace === 'slow' ? SLOW_PIECES : 1;
    const step = Math.ceil(part.length / pieces);
    for (let at = 0; at < part.length; at += step) {
      if (at > 0) await pause(SLOW_MS);
      if (this.isOver) return;
      this.piece(fault, part.subarray(at, at + step));
    }
    await pause(isWhole ? 0 : PART_MS);
    if (!this.isOver) this.finish(fault);
  }

  /** Until its client has had enough. */
  private async stream(fault: Fault): Promise<void> {
    while (!this.isOver && this.sent < ENDLESS_BYTES) {
      this.piece(fault, ENDLESS_PIECE);
      await pause(1);
      if (this.socket.writableNeedDrain) await pause(4);
    }
  }

  private finish(fault: Fault): void {
    const { socket } = this;
    const isChunked = fault.framing === 'chunked';
    switch (fault.end) {
      case 'reset':
        this.reset();
        return;
      case 'cut':
        socket.end();
        return;
      case 'stall':
        return;
      case 'bad chunk':
        socket.end(isChunked ? 'no chunk\r\n\r\n' : '');
        return;
      case 'too long':
        if (isChunked && !this.isBodiless(fault)) this.write('0\r\n\r\n');
        socket.end('and more');
        return;
      case 'trailers':
      case 'well':
        if (isChunked && !this.isBodiless(fault)) this.write(fault.end === 'well' ? '0\r\n\r\n' : '0\r\nX-Trailer: there\r\n\r\n');
        this.isOver = true;
        if (!fault.keepAlive || !isClean(fault)) return void socket.end();
        this.isClosed = true;
        this.onFree();
    }
  }

  /** Node does not always tell when a socket closes that its other end has closed at the same time. */
  private reset(): void {
    this.socket.resetAndDestroy();
    this.leave();
  }

  private piece({ framing }: Fault, bytes: Buffer): void {
    this.sent += bytes.length;
    if (framing === 'chunked') this.socket.write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]));
    else this.socket.write(bytes);
  }

  private write(text: string): void {
    this.socket.write(text, 'latin1');
  }
}

/** Whether the connection can be used again. */
function isClean({ end, framing }: Fault): boolean {
  return (end === 'well' || end === 'trailers') && framing !== 'until close';
}
