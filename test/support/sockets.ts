import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** The connections of a server. */
export interface SocketTracker {
  /** Those open now. */
  readonly open: ReadonlySet<Socket>;
  /** In which place, from 0, a socket connected. */
  numberOf(socket: Socket): number;
}

/** Keeps track of a server's connections from now on. */
export function trackSockets(server: Server): SocketTracker {
  const open = new Set<Socket>();
  const numbers = new WeakMap<Socket, number>();
  let count = 0;
  server.on('connection', (socket) => {
    numbers.set(socket, count++);
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return { open, numberOf: (socket) => numbers.get(socket) ?? -1 };
}

/** Cuts every connection and resolves once the server has stopped. */
export async function closeServer(server: Server, sockets: SocketTracker): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  for (const socket of sockets.open) socket.destroy();
  await closed;
}
