import { describe, expect, it } from '@jest/globals';
import { Hedger } from '@hedgerow/grpc';
import { makeClient, startServer } from './playground.js';

/** More than a server of Node lets a client reset at once (1,000), and far more a second than it bears for long (33). */
const CALLS = 1_300;
const IN_FLIGHT = 25;
/** Long after its copy's answer, so that each primary has to be cancelled. */
const PRIMARY_MS = 1_000;

describe('Many cancelled losers on one connection', () => {
  it('are spread over time, so that the server does not close it', async () => {
    const server = await startServer();
    server.script((received) => {
      const isHedge = received.metadata.get('grpc-previous-rpc-attempts').length > 0;
      setTimeout(() => received.reply('done'), isHedge ? 0 : PRIMARY_MS);
    });
    const client = makeClient(server.address, { hedger: new Hedger({ delay: 0, budget: false, efficacy: false }) });
    const startedAtMs = performance.now();
    let left = CALLS;
    let failed = 0;
    const worker = async (): Promise<void> => {
      while (left-- > 0) if ((await client.get().ended).error !== null) failed++;
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    const cancelled = server.calls.filter(({ isCancelled }) => isCancelled).length;
    const seconds = (performance.now() - startedAtMs) / 1_000;
    client.close();
    server.close();

    expect(failed).toBe(0);
    expect(cancelled).toBeGreaterThan(400);
    expect(cancelled).toBeLessThanOrEqual(500 + 25 * seconds);
  });
});
