import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What every message takes at least, and up to as much again. */
const TRAVEL_MS = 5;

/** A TCP proxy that delivers what clients send after some milliseconds, and some of it much later. Each connection stalls by itself, as a busy replica or a lost packet makes it. */
export interface StragglingProxy extends AsyncDisposable {
  readonly port: number;
  /** Clients that are connected. */
  readonly connections: number;
  /** Share of the messages that are held, 0 to 1. */
  share: number;
}

/** @param random - uniform in [0, 1). */
export async function startStragglingProxy(targetPort: number, heldMs: number, random: () => number): Promise<StragglingProxy> {
  const open = new Set<Socket>();
  const proxy = { share: 0 };
  const server = createServer((client) => {
    const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
    client.setNoDelay(true);
    open.add(client);
    let ready = Promise.resolve();
    client.on('data', (chunk) => {
      const isHeld = random() < proxy.share;
      ready = ready.then(async () => {
        await sleep(isHeld ? heldMs : TRAVEL_MS * (1 + random()));
        target.write(chunk);
      });
    });
    target.pipe(client);
    const end = (): void => {
      open.delete(client);
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) socket.on('error', end).on('close', end);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return open.size;
    },
    get share() {
      return proxy.share;
    },
    set share(share) {
      proxy.share = share;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}
