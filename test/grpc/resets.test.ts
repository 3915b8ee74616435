import { describe, expect, it } from '@jest/globals';
import { Hedger } from '@hedgerow/grpc';
import { until } from '../support/wait.js';
import { makeClient, readStream, startServer, type GrpcClient, type GrpcServer, type ReceivedCall } from './playground.js';

/** More than a server of Node lets a client reset at once (1,000), and far more a second than it bears for long (33). */
const CALLS = 1_300;
const IN_FLIGHT = 25;
/** Long after its copy's answer, so that each primary has to be cancelled. */
const PRIMARY_MS = 1_000;

const isCopy = ({ metadata }: ReceivedCall): boolean => metadata.get('grpc-previous-rpc-attempts').length > 0;

async function load(calls: number, inFlight: number, call: () => Promise<boolean>): Promise<{ readonly failed: number; readonly seconds: number }> {
  const startedAtMs = performance.now();
  let left = calls;
  let failed = 0;
  const worker = async (): Promise<void> => {
    while (left-- > 0) if (!(await call())) failed++;
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { failed, seconds: (performance.now() - startedAtMs) / 1_000 };
}

const cancelledBy = (server: GrpcServer): number => server.calls.filter(({ isCancelled }) => isCancelled).length;

describe('Many cancelled losers on one connection', () => {
  it('are spread over time, so that the server does not close it', async () => {
    const server = await startServer();
    server.script((received) => void setTimeout(() => received.reply('done'), isCopy(received) ? 0 : PRIMARY_MS));
    const client = makeClient(server.address, { hedger: new Hedger({ delay: 0, budget: false, efficacy: false }) });
    const { failed, seconds } = await load(CALLS, IN_FLIGHT, async () => (await client.get().ended).error === null);
    const cancelled = cancelledBy(server);
    client.close();
    server.close();

    expect(failed).toBe(0);
    expect(cancelled).toBeGreaterThan(400);
    expect(cancelled).toBeLessThanOrEqual(500 + 25 * seconds);
  });

  it('are spread over time where the server streams, and read meanwhile so that they may end', async () => {
    const perSecond = 2.5;
    const server = await startServer();
    server.script((received) => {
      void (async () => {
        if (!isCopy(received)) await new Promise((resolve) => setTimeout(resolve, 400));
        // More than its window: whoever does not read keeps it from ending.
        for (let piece = 0; piece < (isCopy(received) ? 1 : 8) && !received.isCancelled; piece++) await received.send('x'.repeat(20_000));
        received.end();
      })();
    });
    const client = makeClient(server.address, { hedger: new Hedger({ delay: 0, budget: false, efficacy: false, maxResetsPerSecond: perSecond }) });
    const read = async (): Promise<boolean> => (await readStream(client.list())).error === undefined;
    await read(); // until it is connected a channel cannot say to whom, and counts by its target
    const { failed, seconds } = await load(250, 20, read);
    const cancelled = cancelledBy(server);
    expect(failed).toBe(0);
    expect(cancelled).toBeGreaterThanOrEqual(10 * perSecond);
    expect(cancelled).toBeLessThanOrEqual(20 * perSecond + perSecond * (seconds + 1));
    // All have ended, most of them by themselves.
    await until('losers have ended', () => server.calls.every(({ isCancelled, isAnswered }) => isCancelled || isAnswered), 10_000);
    client.close();
    server.close();
  });

  it.each(['unary', 'streaming'])('are no more when callers give up: one at once for each %s call, as without copies', async (kind) => {
    const burst = 20;
    const server = await startServer();
    const client: GrpcClient = makeClient(server.address, { hedger: new Hedger({ delay: 0, budget: false, efficacy: false, maxResetsPerSecond: burst / 20 }) });
    const calls = 40;
    const cancels = Array.from({ length: calls }, () => {
      if (kind === 'unary') return client.get().call;
      const stream = client.list();
      stream.on('error', () => undefined);
      return stream;
    });
    await until('all attempts have arrived', () => server.calls.length === 2 * calls);
    for (const call of cancels) call.cancel();
    await until('all primaries are cancelled', () => server.calls.filter((received) => !isCopy(received) && received.isCancelled).length === calls);
    const copies = server.calls.filter((received) => isCopy(received) && received.isCancelled).length;
    expect(copies).toBeLessThanOrEqual(burst + 2);
    client.close();
    server.close();
  });
});
