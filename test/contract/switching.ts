import { describe, expect, it } from '@jest/globals';
import { take, useStage } from './stage.js';
import { sendsOnce } from './eligibility.js';
import type { ContractDriver } from './driver.js';

/** What a Hedger is told at run time reaches clients that were made before. */
export function switchingCases(driver: ContractDriver): void {
  describe('a switch at run time', () => {
    const stage = useStage(driver);

    it('reaches clients with a Hedger of their own, and counts what it kept from being hedged', async () => {
      const client = stage.client();
      client.hedger.configure({ mode: 'off' });
      expect(await sendsOnce(stage, {}, client)).toEqual({ reason: 'off' });
      expect(client.hedger.stats().ineligible.off).toBe(1);
      client.hedger.configure({ mode: 'on' });
      const call = client.ask();
      const [, hedge] = await take(stage.server, 2);
      hedge.respond({ body: 'hedge' });
      expect(await call).toMatchObject({ text: 'hedge' });
    });

    it('reaches clients that share one and have options beside it, and leaves those alone', async () => {
      const shared = stage.client({ delay: 60_000 });
      const { hedger } = shared;
      const beside = { ...shared, ...driver.create({ hedger, maxHedges: 1 }) };
      const own = driver.create({ hedger, delay: 60_000 });
      hedger.configure({ delay: 10 });
      expect(own.hedger).toBe(hedger);
      const slow = own.request({ url: `${stage.server.origin}/own` });
      const only = await stage.server.next();
      const call = beside.request({ url: `${stage.server.origin}/beside` });
      const [, hedge] = await take(stage.server, 2);
      hedge.respond();
      expect(driver.hedgeInfo((await call).carrier)).toMatchObject({ delayMs: 10 });
      only.respond();
      expect(driver.hedgeInfo((await slow).carrier)).toMatchObject({ attempts: 1, delayMs: 60_000 });
      for (const client of [beside, own]) client.close?.();
    });
  });
}
