import { describe, expect, it, jest } from '@jest/globals';
import type { CompleteEvent, HedgeEvent } from '@hedgerow/core';
import { askBeyondBudget, askEachWay } from './outcomes.js';
import { take, useStage } from './stage.js';
import { replaceableCase } from './replaceable.js';
import type { ContractDriver } from './driver.js';

/** Timers count whole milliseconds and may fire up to one early. */
const timerSlackMs = 1;

/** What a user can find out. */
export function reportingCases(driver: ContractDriver): void {
  describe('reporting', () => {
    const stage = useStage(driver);
    const replaceable = replaceableCase(stage);

    replaceable('tells onHedge and onComplete the numbers and the durations', async () => {
      const hedges: HedgeEvent[] = [];
      const completed: CompleteEvent[] = [];
      const client = stage.client({
        delay: [20, 40],
        onHedge: (event) => void hedges.push(event),
        onComplete: (event) => void completed.push(event),
      });
      const call = client.ask({ path: '/items/42?q=1' });
      const [, hedge] = await take(stage.server, 3);
      hedge.respond({ status: 203 });
      await call;
      expect(hedges.map(({ number }) => number)).toEqual([1, 2]);
      expect(hedges[0]?.delayMs).toBeGreaterThan(20 - timerSlackMs);
      expect(hedges[1]?.delayMs).toBeGreaterThan(40 - timerSlackMs);
      expect(hedges[0]?.request.method).toBe('GET');
      expect(hedges[0]?.request.url).toBe(`${stage.server.origin}/items/42?q=1`);
      expect(completed).toHaveLength(1);
      const [event] = completed;
      expect(event).toMatchObject({ attempts: 3, winner: 1, isHedge: true, status: 203, error: undefined, delayMs: 20 });
      expect(event?.durationMs).toBeGreaterThan(40 - timerSlackMs);
      expect(event?.attemptDurationsMs).toHaveLength(3);
      expect(event?.attemptDurationsMs[0]).toBeCloseTo(event?.durationMs ?? NaN, 0);
      expect(event?.attemptDurationsMs[1]).toBeLessThan(event?.durationMs ?? NaN);
    });

    it('survives callbacks that throw', async () => {
      const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      const fail = (): never => {
        throw new Error('from a callback');
      };
      const call = stage.client({ onHedge: fail, onComplete: fail, accept: fail }).ask();
      const [, hedge] = await take(stage.server, 2);
      hedge.respond({ body: 'hedge' });
      expect(await call).toMatchObject({ text: 'hedge', error: undefined });
      expect(warned).toHaveBeenCalledTimes(3);
      warned.mockRestore();
    });

    replaceable('tells from the response who answered', async () => {
      const client = stage.client({ delay: 20 });
      const call = client.ask({ path: '/users/42' });
      const [, hedge] = await take(stage.server, 2);
      hedge.respond();
      const { carrier } = await call;
      expect(driver.isHedge(carrier)).toBe(true);
      expect(driver.hedgeInfo(carrier)).toMatchObject({ eligible: true, attempts: 2, winner: 1, isHedge: true, delayMs: 20 });
      expect(driver.hedgeInfo(carrier)?.key).toContain('/users/:id');
      expect(driver.hedgeInfo(carrier)?.durationMs).toBeGreaterThan(20 - timerSlackMs);

      stage.server.script((request) => request.respond());
      const plain = (await client.ask({ method: 'POST', body: 'x' })).carrier;
      expect(driver.isHedge(plain)).toBe(false);
      expect(driver.hedgeInfo(plain)).toMatchObject({ eligible: false, ineligibleReason: 'method', attempts: 1, winner: 0 });
    });

    it('tells from the error how many attempts were made', async () => {
      const client = stage.client();
      const call = client.ask();
      const [primary, hedge] = await take(stage.server, 2);
      primary.reset();
      hedge.reset();
      const { error } = await call;
      expect(error).toMatchObject(driver.errors.reset);
      expect(driver.isHedge(error)).toBe(false);
      expect(driver.hedgeInfo(error)).toMatchObject({ eligible: true, attempts: 2, winner: undefined });
    });

    replaceable('totals calls, hedges, wins and refusals in stats()', async () => {
      const client = stage.client({ budget: { deposit: () => undefined, tryTake: () => hedgesLeft-- > 0 } });
      let hedgesLeft = 3;

      stage.server.script((request) => request.respond());
      await client.ask({ hedge: { delay: 60_000 } }); // answered before its hedge is due
      await client.ask({ method: 'POST', body: 'x' }); // not eligible
      await client.ask({ hedge: false }); // not eligible
      stage.server.script(undefined);

      await askEachWay(stage, client);

      const controller = new AbortController();
      const abandoned = client.ask({ signal: controller.signal, hedge: { delay: 60_000 } });
      await stage.server.next();
      controller.abort();
      await abandoned;

      await askBeyondBudget(stage, client);

      expect(client.hedger.stats()).toMatchObject({
        calls: 8,
        eligible: 6,
        hedged: 3,
        attempts: { primary: 6, hedge: 3 },
        wins: { primary: 3, hedge: 1 },
        failed: 1,
        cancelled: 1,
        suppressions: { budget_exhausted: 1, overload: 0, warmup: 0, pushback: 0, concurrency: 0, no_benefit: 0 },
        activeHedges: 0,
      });
      expect(client.hedger.stats().hedgeRate).toBeCloseTo(3 / 6);
      expect(stage.server.requests).toHaveLength(11);
    });

    replaceable('counts together what clients do that share a Hedger', async () => {
      const first = stage.client();
      const second = driver.create({ hedger: first.hedger, methods: ['PUT'] });
      stage.server.script((request) => request.respond());
      await first.ask();
      await second.request({ url: stage.server.origin });
      await second.request({ url: stage.server.origin, method: 'PUT', body: 'x' });
      expect(first.hedger.stats()).toMatchObject({ calls: 3, eligible: 2, attempts: { primary: 2 } });
      expect(second.hedger).toBe(first.hedger);
    });
  });
}
