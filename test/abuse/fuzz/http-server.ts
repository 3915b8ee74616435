import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { MARKER, TRACE } from './protocol.js';
import { HttpExchange } from './http-exchange.js';
import type { Script } from './script.js';
import type { FuzzServer } from './protocol.js';

/** HTTP/1.1 by hand: nothing else says what no server should. The path's first segment names the run, its second where a redirect has led. */
export async function startHttpServer(): Promise<FuzzServer> {
  const scripts = new Map<string, Script>();
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined); // its client has gone
    new Connection(socket, scripts).listen();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: (id, script) => void scripts.set(id, script),
    close: (id) => void scripts.delete(id),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Reads one request after the other. */
class Connection {
  private readonly socket: Socket;
  private readonly scripts: ReadonlyMap<string, Script>;
  private data: Buffer = Buffer.alloc(0);
  private current: HttpExchange | undefined = undefined;

  constructor(socket: Socket, scripts: ReadonlyMap<string, Script>) {
    this.socket = socket;
    this.scripts = scripts;
  }

  listen(): void {
    this.socket.on('data', (data: Buffer) => {
      this.data = Buffer.concat([this.data, data]);
      this.read();
    });
    this.socket.once('close', () => this.current?.leave());
  }

  private read(): void {
    const { current } = this;
    if (current !== undefined && current.wire.body === undefined && !this.readBody(current)) return;
    if (current !== undefined && !current.isOver) return;
    const end = this.data.indexOf('\r\n\r\n');
    if (end < 0) return;
    const [first = '', ...lines] = this.data.subarray(0, end).toString('latin1').split('\r\n');
    this.data = this.data.subarray(end + 4);
    const [method = '', path = ''] = first.split(' ');
    const [, id = '', hop = ''] = path.split('/');
    const script = this.scripts.get(id);
    if (script === undefined) return void this.socket.destroy();
    const marker = valueOf(lines, MARKER);
    const attempt = script.attemptOf(hop, marker);
    const own = lines.filter((line) => !new RegExp(`^(${MARKER}|${TRACE}):`, 'i').test(line));
    const exchange = new HttpExchange(this.socket, { id, hop, attempt, wire: { method, path: path.replace(id, 'ID'), lines: own.map((line) => line.replaceAll(id, 'ID')), body: undefined } }, () => this.read());
    this.current = exchange;
    this.readBody(exchange);
    void script.take(exchange);
  }

  /** Whether the request's body has come. */
  private readBody({ wire }: HttpExchange): boolean {
    const { lines } = wire;
    if (valueOf(lines, 'transfer-encoding') === 'chunked') {
      const end = this.data.indexOf('0\r\n\r\n');
      if (end < 0) return false;
      wire.body = unchunked(this.data.subarray(0, end));
      this.data = this.data.subarray(end + 5);
      return true;
    }
    const length = Number(valueOf(lines, 'content-length') ?? 0);
    if (this.data.length < length) return false;
    wire.body = this.data.subarray(0, length).toString('latin1');
    this.data = this.data.subarray(length);
    return true;
  }
}

function valueOf(lines: readonly string[], name: string): string | undefined {
  const line = lines.find((each) => each.toLowerCase().startsWith(`${name}:`));
  return line?.slice(name.length + 1).trim();
}

function unchunked(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const size = parseInt(bytes.subarray(at, lineEnd).toString(), 16);
    text += bytes.subarray(lineEnd + 2, lineEnd + 2 + size).toString('latin1');
    at = lineEnd + 4 + size;
  }
  return text;
}
