import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { DRIP_MS, DRIPS, HUGE, PART_MS, type Exchange, type FaultName, type FaultServer, type Take, type Where } from './exchange.js';

/** HTTP/1.1 by hand: nothing else says what no server should. One request per connection; the path's first segment names the cell. */
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
      const [, cell = ''] = /^\w+ \/([^/ ]*)/.exec(head) ?? [];
      const [, attempt = '0'] = /^x-hedge-attempt: (\d+)/im.exec(head) ?? [];
      take(cell, new HttpExchange(socket, Number(attempt), cell));
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

const head = (...lines: string[]): string => ['HTTP/1.1 200 OK', 'Connection: close', ...lines, '', ''].join('\r\n');
const sized = (body: string, bytes = body.length): string => head(`Content-Length: ${bytes}`) + body;
const CHUNKED = 'Transfer-Encoding: chunked';
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const halfOf = (text: string): string => text.slice(0, text.length / 2);

class HttpExchange implements Exchange {
  readonly attempt: number;
  readonly closed: Promise<void>;
  private readonly socket: Socket;
  private readonly cell: string;

  constructor(socket: Socket, attempt: number, cell: string) {
    this.socket = socket;
    this.attempt = attempt;
    this.cell = cell;
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  answer(body: string): void {
    this.socket.end(sized(body));
  }

  half(body: string): void {
    this.socket.write(sized(halfOf(body), body.length));
  }

  spoil(fault: FaultName, where: Where, body: string, dripMs: number): void {
    if (where === 'head') this.spoilHead(fault, body, dripMs);
    else this.spoilBody(fault, body, dripMs);
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
        return this.drip(head(`Content-Length: ${body.length}`), dripMs, body);
      case 'stall':
        return void socket.write('HTTP/1.1 200 OK\r\nContent-Ty');
      case 'status 5xx':
        return void socket.end(sized(body).replace('200 OK', '503 Service Unavailable'));
      case 'status 429':
        return void socket.end(sized(body).replace('200 OK', '429 Too Many Requests\r\nRetry-After: 1'));
      case 'oversized headers':
        return void socket.write(head(`X-Huge: ${HUGE}`, 'Content-Length: 0'));
      case 'redirect circle':
        return void socket.end(head(`Location: /${this.cell}`, 'Content-Length: 0').replace('200 OK', '302 Found'));
      case 'malformed':
        return void socket.end('This is no HTTP.\r\n\r\n');
      case 'wrong length':
        return void socket.end(head('Content-Length: 5', 'Content-Length: 7') + body);
      default:
        throw new Error(`no server can do ${fault} to a head`);
    }
  }

  private spoilBody(fault: FaultName, body: string, dripMs: number): void {
    const { socket } = this;
    const later = (act: () => void): void => void setTimeout(act, PART_MS);
    switch (fault) {
      case 'reset':
        this.half(body);
        return later(() => void socket.resetAndDestroy());
      case 'truncated':
        this.half(body);
        return later(() => void socket.end());
      case 'slow':
        socket.write(sized('', body.length));
        return this.drip(body, dripMs);
      case 'stall':
        return this.half(body);
      case 'malformed':
        socket.write(head(CHUNKED) + chunk(halfOf(body)));
        return later(() => void socket.end('no chunk\r\n\r\n'));
      case 'oversized headers':
        socket.write(head(CHUNKED, 'Trailer: X-Huge') + chunk(body));
        return later(() => void socket.end(`0\r\nX-Huge: ${HUGE}\r\n\r\n`));
      case 'wrong length':
        return void socket.end(sized(body, body.length / 2));
      default:
        throw new Error(`no server can do ${fault} to a body`);
    }
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
