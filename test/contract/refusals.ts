import { describe, expect } from '@jest/globals';
import type { ReceivedRequest } from '../support/scripted-server.js';
import { turns } from '../support/wait.js';
import { replaceableCase } from './replaceable.js';
import { take, useStage } from './stage.js';
import type { ContractDriver } from './driver.js';

/** What servers say to the second of two alike requests: nonces, one-time links, locks, one request at a time. */
export const REFUSALS = [400, 401, 403, 404, 409, 410, 412, 423] as const;

/** A copy may be refused where its primary is not. */
export function refusalCases(driver: ContractDriver): void {
  describe('refusals', () => {
    const stage = useStage(driver);
    const replaceable = replaceableCase(stage);

    replaceable.each(REFUSALS, 'of the copy with %d decide nothing', async (status) => {
      const client = stage.client();
      const call = client.ask();
      const [primary, hedge] = await take(stage.server, 2);
      hedge.respond({ status, body: 'refused' });
      await client.haveEnded(1);
      primary.respond({ body: 'primary' });
      const outcome = await call;
      expect(outcome).toMatchObject({ status: 200, text: 'primary', error: undefined });
      expect(driver.hedgeInfo(outcome.carrier)).toMatchObject({ attempts: 2, winner: 0 });
    });

    replaceable('of the copy leave the caller the primary’s own failure', async () => {
      const client = stage.client();
      const call = client.ask();
      const [primary, hedge] = await take(stage.server, 2);
      hedge.respond({ status: 404, body: 'refused' });
      await client.haveEnded(1);
      primary.respond({ status: 503, body: 'primary' });
      expect(await call).toMatchObject({ status: 503, text: 'primary' });
    });

    replaceable.each(REFUSALS, 'of a primary with %d that its copy had overtaken leave the call to that', async (status) => {
      const client = stage.client();
      const call = client.ask();
      const [primary, hedge] = await take(stage.server, 2);
      primary.respond({ status, body: 'refused' });
      // Its answer is known to the Hedger, which tells nobody: the call goes on.
      await turns(50);
      expect(client.ended).toHaveLength(0);
      hedge.respond({ body: 'hedge' });
      const outcome = await call;
      expect(outcome).toMatchObject({ status: 200, text: 'hedge', error: undefined });
      expect(driver.hedgeInfo(outcome.carrier)).toMatchObject({ attempts: 2, winner: 1 });
    });

    replaceable('of a primary win when their copy takes too long', async () => {
      const client = stage.client();
      const call = client.ask();
      const [primary] = await take(stage.server, 2);
      primary.respond({ status: 404, body: 'none here' });
      await turns(50);
      stage.clock.advance(10_000);
      const outcome = await call;
      expect(outcome).toMatchObject({ status: 404, text: 'none here' });
      expect(driver.hedgeInfo(outcome.carrier)).toMatchObject({ attempts: 2, winner: 0 });
    });

    replaceable('of every copy pause hedging, for a reason of their own', async () => {
      const client = stage.client({ delay: 1, efficacy: false });
      const first = new Set<string>();
      const waiting = new Map<string, ReceivedRequest>();
      stage.server.script((request) => {
        if (first.has(request.path)) return request.respond({ status: 401, body: 'refused' });
        first.add(request.path);
        waiting.set(request.path, request);
      });
      let calls = 0;
      for (; client.hedger.routes()[0]?.isPaused !== true && calls < 50; calls++) {
        const call = client.ask({ path: `/${1_000 + calls}` });
        await client.haveEnded(2 * calls + 1);
        waiting.get(`/${1_000 + calls}`)?.respond({ body: 'primary' });
        expect(await call).toMatchObject({ status: 200, text: 'primary' });
      }
      expect(calls).toBeLessThan(50);
      expect(client.hedger.routes()[0]?.pauseReason).toBe('refused');
    });

    replaceable('are answers where primaries give them too', async () => {
      const client = stage.client({ delay: 1, efficacy: false });
      // One in four: the more of them, the more copies have to agree (test/core has what takes two hundred).
      stage.server.script((request) => request.respond({ status: request.number % 4 === 0 ? 404 : 200 }));
      for (let call = 0; call < 40; call++) await client.ask({ hedge: { delay: 60_000 } });
      stage.server.script(undefined);
      let won = false;
      for (let call = 0; call < 25 && !won; call++) {
        const before = client.ended.length;
        const asked = client.ask();
        const [primary, hedge] = await take(stage.server, 2);
        hedge.respond({ status: 404, body: 'none here' });
        await client.haveEnded(before + 1);
        won = client.ended[before]?.outcome === 'won';
        if (!won) primary.respond({ status: 404, body: 'none here' });
        expect(await asked).toMatchObject({ text: 'none here' });
      }
      expect(won).toBe(true);
    });
  });
}
