import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { HEADER, STATUS } from '../../support/scripted-grpc-server.js';
import { messageOf } from '../grpc-frames.js';
import { DRIP_MS, DRIPS, HUGE, PART_MS, type Exchange, type FaultName, type FaultServer, type Take, type Where } from './exchange.js';

/** HTTP/1.1 by hand: nothing else says what no server should. One request per connection; the path's first segment names the cell, or a header of Connect's protocol. */
export async function startHttpFaultServer(take: Take): Promise<FaultServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined); // its client has gone
    let head = '';
    const onData = (data: Buffer): void => {
      head += data.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', onData).resume();
      const [, first = ''] = /^\w+ \/([^/ ]*)/.exec(head) ?? [];
      const [, cell = first] = PROCEDURE_CELL.exec(head) ?? [];
      const [, attempt = '0'] = /^x-hedge-attempt: (\d+)/im.exec(head) ?? [];
      take(cell, new HttpExchange(socket, Number(attempt), cell, cell === first ? BYTES : MESSAGES));
    };
    socket.on('data', onData);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** How answers are written. */
interface Writing {
  /** Of every head. */
  readonly lines: readonly string[];
  readonly encode: (body: string) => string;
}

const BYTES: Writing = { lines: [], encode: (body) => body };
/** Connect's protocol: a message is all of a body. */
const MESSAGES: Writing = { lines: ['Content-Type: application/proto', `${STATUS}: 200`], encode: (body) => messageOf(Buffer.from(body)).toString('latin1') };
const PROCEDURE_CELL = new RegExp(`^${HEADER}cell: (\\S+)`, 'im');

const CHUNKED = 'Transfer-Encoding: chunked';
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const halfOf = (text: string): string => text.slice(0, text.length / 2);

class HttpExchange implements Exchange {
  readonly attempt: number;
  readonly closed: Promise<void>;
  private readonly socket: Socket;
  private readonly cell: string;
  private readonly writing: Writing;

  constructor(socket: Socket, attempt: number, cell: string, writing: Writing) {
    this.socket = socket;
    this.attempt = attempt;
    this.cell = cell;
    this.writing = writing;
    socket.setDefaultEncoding('latin1');
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  answer(body: string): void {
    this.socket.end(this.sized(this.writing.encode(body)));
  }

  half(body: string): void {
    this.writeHalf(this.writing.encode(body));
  }

  spoil(fault: FaultName, where: Where, body: string, dripMs: number): void {
    const text = this.writing.encode(body);
    if (where === 'head') this.spoilHead(fault, text, dripMs);
    else this.spoilBody(fault, text, dripMs);
  }

  private spoilHead(fault: FaultName, body: string, dripMs: number): void {
    const { socket } = this;
    switch (fault) {
      case 'reset':
        return void socket.resetAndDestroy();
      case 'half-open':
        return;
      case 'truncated':
        return void socket.end('HTTP/1.1 200 OK\r\nContent-Ty');
      case 'slow':
        return this.drip(this.head(`Content-Length: ${body.length}`), dripMs, body);
      case 'stall':
        return void socket.write('HTTP/1.1 200 OK\r\nContent-Ty');
      case 'status 5xx':
        return void socket.end(this.sized(body).replace('200 OK', '503 Service Unavailable'));
      case 'status 429':
        return void socket.end(this.sized(body).replace('200 OK', '429 Too Many Requests\r\nRetry-After: 1'));
      case 'oversized headers':
        return void socket.write(this.head(`X-Huge: ${HUGE}`, 'Content-Length: 0'));
      case 'redirect circle':
        return void socket.end(this.head(`Location: /${this.cell}`, 'Content-Length: 0').replace('200 OK', '302 Found'));
      case 'malformed':
        return void socket.end('This is no HTTP.\r\n\r\n');
      case 'wrong length':
        return void socket.end(this.head('Content-Length: 5', 'Content-Length: 7') + body);
      default:
        throw new Error(`no server can do ${fault} to a head`);
    }
  }

  private spoilBody(fault: FaultName, body: string, dripMs: number): void {
    const { socket } = this;
    const later = (act: () => void): void => void setTimeout(act, PART_MS);
    switch (fault) {
      case 'reset':
        this.writeHalf(body);
        return later(() => void socket.resetAndDestroy());
      case 'truncated':
        this.writeHalf(body);
        return later(() => void socket.end());
      case 'slow':
        socket.write(this.sized('', body.length));
        return this.drip(body, dripMs);
      case 'stall':
        return this.writeHalf(body);
      case 'malformed':
        socket.write(this.head(CHUNKED) + chunk(halfOf(body)));
        return later(() => void socket.end('no chunk\r\n\r\n'));
      case 'oversized headers':
        socket.write(this.head(CHUNKED, 'Trailer: X-Huge') + chunk(body));
        return later(() => void socket.end(`0\r\nX-Huge: ${HUGE}\r\n\r\n`));
      case 'wrong length':
        return void socket.end(this.sized(body, body.length / 2));
      default:
        throw new Error(`no server can do ${fault} to a body`);
    }
  }

  private head(...lines: string[]): string {
    return ['HTTP/1.1 200 OK', 'Connection: close', ...this.writing.lines, ...lines, '', ''].join('\r\n');
  }

  private sized(body: string, bytes = body.length): string {
    return this.head(`Content-Length: ${bytes}`) + body;
  }

  private writeHalf(body: string): void {
    this.socket.write(this.sized(halfOf(body), body.length));
  }

  private drip(text: string, dripMs = DRIP_MS, rest = ''): void {
    const size = Math.ceil(text.length / DRIPS);
    let sent = 0;
    const timer = setInterval(() => {
      this.socket.write(text.slice(sent, (sent += size)));
      if (sent < text.length) return;
      clearInterval(timer);
      this.socket.end(rest);
    }, dripMs);
    this.socket.once('close', () => clearInterval(timer));
  }
}
