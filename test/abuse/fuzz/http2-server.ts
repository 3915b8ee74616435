import { once } from 'node:events';
import { createSecureServer, createServer, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { generate } from 'selfsigned';
import { PATIENT } from '../grpc-frames.js';
import { GrpcExchange } from './grpc-exchange.js';
import { Http2Exchange, type Taken } from './http2-exchange.js';
import { MARKER, TRACE, type FuzzServer } from './protocol.js';
import type { Script } from './script.js';

/** Names the run, over gRPC. */
export const RUN = 'x-fuzz-run';

/** HTTP/2 over TLS, or gRPC by hand without. */
export async function startHttp2Server(speaks: 'http' | 'grpc'): Promise<FuzzServer> {
  const scripts = new Map<string, Script>();
  const sockets = new Set<Socket>();
  const server = speaks === 'grpc' ? createServer(PATIENT) : createSecureServer({ ...PATIENT, ...(await certificate()) });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('session', (session: ServerHttp2Session) => void session.on('error', () => undefined));
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    stream.on('error', () => undefined); // its client has gone
    const path = String(headers[':path']);
    const [, first = '', hop = ''] = path.split('/');
    const id = speaks === 'grpc' ? String(headers[RUN]) : first;
    const script = scripts.get(id);
    if (script === undefined) return stream.close();
    const number = (headers[MARKER] ?? headers['grpc-previous-rpc-attempts']) as string | undefined;
    const wire = { method: String(headers[':method']), path: path.replace(id, 'ID'), lines: linesOf(headers, id), body: undefined };
    const taken: Taken = { id, hop: speaks === 'grpc' ? '' : hop, attempt: script.attemptOf(hop, number), wire };
    void script.take(speaks === 'grpc' ? new GrpcExchange(stream, taken) : new Http2Exchange(stream, taken));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `${speaks === 'grpc' ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
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

async function certificate(): Promise<{ readonly key: string; readonly cert: string }> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
  return { key, cert };
}

/** What is left of the caller's time differs from attempt to attempt. */
const OWN: readonly string[] = [MARKER, TRACE, 'grpc-previous-rpc-attempts', 'grpc-timeout', RUN];

function linesOf(headers: IncomingHttpHeaders, id: string): string[] {
  const entries = Object.entries(headers).filter(([name]) => !name.startsWith(':') && !OWN.includes(name));
  return entries.map(([name, value]) => `${name}: ${String(value)}`.replaceAll(id, 'ID'));
}
