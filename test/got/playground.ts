import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { answer } from './routes.js';

/** Which copies of a request the servers answer; the others are kept waiting until their client leaves. */
export type Answered = 'all' | 'second';

/** Real servers on loopback that answer as the path says, see {@link answer}. */
export interface Playground {
  readonly origin: string;
  readonly tlsOrigin: string;
  /** Speaks HTTP/2, and HTTP/1.1 to those who do not. */
  readonly http2Origin: string;
  readonly socketPath: string;
  /** `second`: of two requests alike, the one that comes first is left unanswered. */
  answered: Answered;
  /** What arrived, and what became of it. */
  readonly arrivals: readonly Arrival[];
  /** How many copies of a request arrived, by path and query. */
  readonly received: (path: string) => number;
  readonly openSockets: number;
  /** Forgets what arrived. */
  clear(): void;
  close(): Promise<void>;
}

export interface Arrival {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly port: number | undefined;
  /** Whether its client left before the answer was complete. */
  isGone: boolean;
}

export async function startPlayground(): Promise<Playground> {
  const directory = mkdtempSync(join(tmpdir(), 'hedgerow-got-'));
  const socketPath = join(directory, 'socket');
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
  const arrivals: Arrival[] = [];
  const kept = new Set<string>();
  const memory = new Map<string, number>();
  const origins = { http: '', https: '' };

  const listener: RequestListener = (request, response) => {
    const { method = '', url = '', headers } = request;
    const arrival: Arrival = { method, path: url, headers, port: request.socket.remotePort, isGone: false };
    arrivals.push(arrival);
    response.once('close', () => (arrival.isGone = !response.writableFinished));
    const same = `${method} ${headers.host ?? String(headers[':authority'])} ${url}`;
    if (playground.answered === 'second' && !kept.delete(same)) {
      kept.add(same);
      request.resume();
      return;
    }
    answer(request, response, { origins, memory });
  };

  const servers: Server[] = [
    createServer(listener),
    createTlsServer({ key, cert }, listener),
    createSecureServer({ key, cert, allowHTTP1: true }, listener as (request: unknown, response: unknown) => void),
    createServer(listener),
  ];
  const sockets = new Set<Socket>();
  for (const server of servers) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  }
  const [http, https, http2, unix] = servers as [Server, Server, Server, Server];
  await Promise.all([listen(http, 0), listen(https, 0), listen(http2, 0), listen(unix, socketPath)]);
  origins.http = `http://127.0.0.1:${portOf(http)}`;
  origins.https = `https://localhost:${portOf(https)}`;

  const playground: Playground = {
    origin: origins.http,
    tlsOrigin: origins.https,
    http2Origin: `https://localhost:${portOf(http2)}`,
    socketPath,
    answered: 'all',
    arrivals,
    received: (path) => arrivals.filter((arrival) => arrival.path === path).length,
    get openSockets() {
      return sockets.size;
    },
    clear() {
      arrivals.length = 0;
      kept.clear();
      memory.clear();
    },
    async close() {
      const closed = servers.map((server) => new Promise((resolve) => server.close(resolve)));
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
      rmSync(directory, { recursive: true });
    },
  };
  return playground;
}

function listen(server: Server, where: number | string): Promise<void> {
  return new Promise((resolve) => (typeof where === 'number' ? server.listen(where, 'localhost', resolve) : server.listen(where, resolve)));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
