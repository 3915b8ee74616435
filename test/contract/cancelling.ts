import { createHash, randomBytes } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { measureStalls } from '../support/busy-time.js';
import { turns, until } from '../support/wait.js';
import { closedByClient, take, useStage } from './stage.js';
import { replaceableCase } from './replaceable.js';
import type { ContractDriver } from './driver.js';

/** Giving up, deadlines, and what cleaning up must not touch. */
export function cancellingCases(driver: ContractDriver): void {
  describe('cancelling', () => {
    const stage = useStage(driver);
    const replaceable = replaceableCase(stage);

    it('closes every attempt within 50 ms when the caller aborts', async () => {
      const client = stage.client({ maxHedges: 2 });
      const controller = new AbortController();
      const call = client.ask({ signal: controller.signal });
      const attempts = await take(stage.server, 3);
      await turns();
      const from = performance.now();
      const stalls = measureStalls();
      controller.abort();
      const closed = await Promise.all(attempts.map(closedByClient));
      expect(Math.max(...closed) - from - stalls.stop()).toBeLessThan(50);
      expect((await call).error).toMatchObject(driver.errors.aborted);
      expect(client.hedger.stats()).toMatchObject({ cancelled: 1, failed: 0, activeHedges: 0 });
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
      expect(stage.clock.pending).toBe(0);
    });

    replaceable('tells who has aborted, by his error, what hedging did', async () => {
      const client = stage.client({ maxHedges: 2 });
      const controller = new AbortController();
      const call = client.ask({ signal: controller.signal });
      await take(stage.server, 3);
      controller.abort();
      expect(driver.hedgeInfo((await call).error)).toMatchObject({ attempts: 3, winner: undefined });
    });

    it('sends no hedge after the caller has aborted', async () => {
      const client = stage.client({ delay: [30_000, 60_000] });
      const controller = new AbortController();
      const call = client.ask({ signal: controller.signal });
      const primary = await stage.server.next();
      controller.abort();
      await closedByClient(primary);
      expect((await call).error).toMatchObject(driver.errors.aborted);
      expect(stage.clock.pending).toBe(0); // so that none can come
    });

    it('sends nothing when the signal was aborted before', async () => {
      const { error } = await stage.client().ask({ signal: AbortSignal.abort() });
      expect(error).toMatchObject(driver.errors.aborted);
      await turns();
      expect(stage.server.requests.filter(({ isGone }) => !isGone)).toHaveLength(0);
    });

    it("obeys the caller's signal until the winner's body has ended", async () => {
      const controller = new AbortController();
      const call = stage.client().ask({ signal: controller.signal });
      const [primary, hedge] = await take(stage.server, 2);
      hedge.open({ headers: { 'content-length': '100' }, body: 'the beginning' });
      if (driver.raceUntil === 'headers') await closedByClient(primary);
      controller.abort();
      await Promise.all([closedByClient(primary), closedByClient(hedge)]);
      expect((await call).error).toBeDefined();
    });

    replaceable('leaves no listener on a signal that outlives many calls', async () => {
      const client = stage.client({ delay: 0 });
      const { signal } = new AbortController();
      stage.server.script((request) => request.respond());
      await Promise.all(Array.from({ length: 5 }, () => client.ask({ signal })));
      await until('the listeners are gone', () => getEventListeners(signal, 'abort').length === 0);
    });

    it.each(['primary', 'hedge'])("reads the %s's body whole after the losers are gone", async (winner) => {
      const body = randomBytes(10_000_000);
      const client = stage.client();
      const response = client.request({ method: 'GET', url: stage.server.origin });
      const attempts = await take(stage.server, 2);
      const [won, lost] = winner === 'primary' ? attempts : [attempts[1], attempts[0]];
      const answer = won.open({ headers: { 'content-length': String(body.length) } });
      await answer.write(body.subarray(0, 100_000));
      if (driver.raceUntil === 'headers') await closedByClient(lost);
      for (let at = 100_000; at < body.length; at += 990_000) await answer.write(body.subarray(at, at + 990_000));
      answer.end();
      expect(sha256((await response).body)).toBe(sha256(body));
      await closedByClient(lost);
    });

    it('ends the call and all its attempts after timeoutMs', async () => {
      const client = stage.client({ timeoutMs: 30_000 });
      const call = client.ask();
      const attempts = await take(stage.server, 2);
      stage.clock.advance(30_000);
      const { error } = await call;
      expect(error).toMatchObject(driver.errors.hedgeTimeout);
      expect(driver.hedgeInfo(error)).toMatchObject({ attempts: 2, winner: undefined });
      await Promise.all(attempts.map(closedByClient));
      expect(client.hedger.stats()).toMatchObject({ failed: 1, cancelled: 0 });
    });

    it('waits until timeoutMs for the hedge of a failed primary, then returns the failure', async () => {
      const client = stage.client({ timeoutMs: 30_000 });
      const call = client.ask();
      const [primary, hedge] = await take(stage.server, 2);
      primary.respond({ status: 503, body: 'primary' });
      await client.haveEnded(1);
      stage.clock.advance(30_000);
      await closedByClient(hedge);
      expect(await call).toMatchObject({ status: 503, text: 'primary' });
    });

    it("bounds the call by the client's own timeout, which a hedge does not extend", async () => {
      const call = stage.client({ delay: 400 }).ask({ timeoutMs: 1_000 });
      const [primary, hedge] = await take(stage.server, 2);
      const stalls = measureStalls();
      expect((await call).error).toMatchObject(driver.errors.timeout);
      await closedByClient(primary);
      expect((await closedByClient(hedge)) - hedge.at - stalls.stop()).toBeLessThan(950); // it had 600 ms
    });
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
