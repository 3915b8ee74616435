import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Clock } from '@hedgerow/core';
import { standingClock } from '../support/clocks.js';
import { startHoldingServer, type HoldingServer } from '../support/holding-server.js';
import { until, within } from '../support/wait.js';
import type { ContractDriver } from './driver.js';

const inFlight = 50;
const blockMs = 60;

/** A blocked event loop must not look like a slow server. */
export function eventLoopCases(driver: ContractDriver): void {
  describe(`a block of ${blockMs} ms with ${inFlight} answered requests in flight`, () => {
    let server: HoldingServer;
    beforeEach(async () => {
      server = await (driver.startHoldingServer ?? startHoldingServer)(inFlight);
    });
    afterEach(() => server.close());

    it('launches no hedge', async () => {
      expect(await hedgesAfterBlock({})).toBe(0);
      expect(server.received).toBe(inFlight);
    });

    it(`would hedge ${driver.readsSocketsFirst === true ? 'none' : 'them all'} without the look at the sockets`, async () => {
      expect(await hedgesAfterBlock({ afterPoll: (callback) => callback() })).toBe(driver.readsSocketsFirst === true ? 0 : inFlight);
    });

    async function hedgesAfterBlock(overrides: Partial<Clock>): Promise<number> {
      const clock = standingClock(overrides); // stands still, so that no hedge is due before the block
      const client = driver.create({ delay: 30, budget: false, clock });
      try {
        const calls = Promise.all(Array.from({ length: inFlight }, () => client.request({ url: server.origin })));
        await server.allHeld();
        await new Promise((resolve) => setImmediate(resolve)); // on to the check phase: timers come next, then sockets
        clock.start();
        server.answerWhileBlocked(blockMs);
        await within(5_000, 'all answers', calls);
        await until('no hedge is under way', () => client.hedger.stats().activeHedges === 0);
        return client.hedger.stats().attempts.hedge;
      } finally {
        client.hedger.dispose();
        client.close?.();
      }
    }
  });
}
