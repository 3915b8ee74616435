import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { contractSchema } from './connect-schema.js';
import { Count, type HoldingCommand, type HoldingWorkerData } from './holding-server.js';
import { closeServer, trackSockets } from './sockets.js';

const { held, counts } = workerData as HoldingWorkerData;
const waiting: (() => void)[] = [];
let holding = true;

/** Resolves when a call is to be answered. */
async function arrive(): Promise<void> {
  Atomics.add(counts, Count.received, 1);
  if (holding && waiting.length < held) await new Promise<void>((resolve) => waiting.push(resolve));
}

const answer = { data: Buffer.from('answered') };
const handle = connectNodeAdapter({
  routes(router) {
    for (const kind of ['Unary', 'Stream'] as const) {
      const schema = contractSchema(kind);
      const handlers = schema.methods.map(({ localName, methodKind }) => [
        localName,
        methodKind === 'unary' || methodKind === 'client_streaming'
          ? () => arrive().then(() => answer)
          : async function* () {
              await arrive();
              yield answer;
            },
      ]);
      router.service(schema, Object.fromEntries(handlers) as object);
    }
  },
});
const listener: RequestListener = (request, response) => {
  response.once('finish', () => Atomics.add(counts, Count.answered, 1));
  handle(request, response);
};

/** The other thread of `startHoldingServer`, by connect-node. */
export function hold(createServer: (listener: RequestListener) => Server): void {
  const server = createServer(listener);
  const sockets = trackSockets(server);
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
  parentPort?.on('message', (command: HoldingCommand) => {
    if (command === 'close') {
      void closeServer(server, sockets);
      return parentPort?.close();
    }
    holding = false;
    for (const release of waiting) release();
  });
}
