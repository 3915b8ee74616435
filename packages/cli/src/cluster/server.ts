import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A listening server. */
export interface Listening {
  readonly port: number;
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  /** Stops listening and cuts the connections that are left. */
  close(): Promise<void>;
}

/** Listens on a free port of the loopback interface. */
export async function listen(handler: RequestListener): Promise<Listening> {
  const server = createServer(handler);
  // Idle connections stay open: a server that closes one just as a request is on its way makes a reset of an answer.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { port, url: `http://127.0.0.1:${port}`, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
