import { afterEach, describe, expect, it } from '@jest/globals';
import { Hedger } from '@hedgerow/grpc';
import { makeClient, startServer } from './playground.js';

/** More than a server of Node lets a client reset at once (1,000), and at more than it bears for long (33 a second). */
const CALLS = 1_300;
const IN_FLIGHT = 25;

describe('Many cancelled losers on one connection', () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  /** Calls whose primaries are slower than their copies; resolves to how many failed, and how many the server saw cancelled. */
  async function drive(maxResetsPerSecond: number | undefined): Promise<{ readonly failed: number; readonly cancelled: () => number }> {
    const server = await startServer();
    server.script((received) => {
      const isHedge = received.metadata.get('grpc-previous-rpc-attempts').length > 0;
      setTimeout(() => received.reply('done'), isHedge ? 0 : 1_000);
    });
    const hedger = new Hedger({ delay: 0, budget: false, efficacy: false, maxResetsPerSecond });
    const client = makeClient(server.address, { hedger });
    closers.push(() => client.close(), () => server.close());
    let left = CALLS;
    let failed = 0;
    const worker = async (): Promise<void> => {
      while (left-- > 0) if ((await client.get().ended).error !== null) failed++;
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    return { failed, cancelled: () => server.calls.filter(({ isCancelled }) => isCancelled).length };
  }

  it('do not make the server close it', async () => {
    const { failed, cancelled } = await drive(undefined);
    expect(failed).toBe(0);
    expect(cancelled()).toBeGreaterThan(400);
    expect(cancelled()).toBeLessThan(1_000);
  }, 30_000);

  it('would do so without the limit', async () => {
    const { failed } = await drive(Infinity);
    expect(failed).toBeGreaterThan(0);
  }, 30_000);
});
