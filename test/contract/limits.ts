import { describe, expect, it } from '@jest/globals';
import type { Budget } from '@hedgerow/core';
import { until, within } from '../support/wait.js';
import { replaceableCase } from './replaceable.js';
import { closedByClient, take, useStage, type StageClient } from './stage.js';
import type { ContractDriver } from './driver.js';

const nonsense = [
  ['nothing', ''],
  ['a negative number', '-5'],
  ['zero', '0'],
  ['a word', 'soon'],
  ['NaN', 'NaN'],
  ['an exponent', '1e9'],
  ['a hexadecimal number', '0x10'],
  ['Infinity', 'Infinity'],
  ['a past date', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ['a sentence with a year', 'try again after 2099'],
  ['400 digits', '9'.repeat(400)],
  ['bytes outside ASCII', Buffer.from('🕰️').toString('latin1')],
] as const;

/** When a hedge that is due is not sent: budget, concurrency, pushback. */
export function limitCases(driver: ContractDriver): void {
  describe('limits', () => {
    const stage = useStage(driver);
    const replaceable = replaceableCase(stage);

    it.each([200, 503])('returns a primary of %d whose hedge was due and refused', async (status) => {
      const budget = new Purse(0);
      const client = stage.client({ budget });
      const call = client.ask();
      const primary = await stage.server.next();
      await budget.asked(1);
      primary.respond({ status, body: 'primary' });
      const outcome = await call;
      expect(outcome).toMatchObject({ status, text: 'primary' });
      expect(driver.hedgeInfo(outcome.carrier)).toMatchObject({ attempts: 1, suppressionReason: 'budget_exhausted' });
      expect(client.hedger.stats().suppressions.budget_exhausted).toBe(1);
      expect(stage.server.requests).toHaveLength(1);
    });

    it('returns a reset primary whose hedge was due and refused', async () => {
      const budget = new Purse(0);
      const call = stage.client({ budget }).ask();
      const primary = await stage.server.next();
      await budget.asked(1);
      primary.reset();
      expect((await call).error).toMatchObject(driver.errors.reset);
    });

    it('returns a failed primary when hedgeOnFailure is refused', async () => {
      stage.server.script((request) => request.respond({ status: 500, body: 'primary' }));
      const call = stage.client({ budget: new Purse(0), hedgeOnFailure: true, delay: 60_000 }).ask();
      expect(await call).toMatchObject({ status: 500, text: 'primary' });
    });

    it('returns the failed primary when one hedge was sent, failed too, and the next was refused', async () => {
      const budget = new Purse(1);
      const call = stage.client({ budget, delay: [10, 20] }).ask();
      const [primary, hedge] = await take(stage.server, 2);
      await budget.asked(2);
      hedge.respond({ status: 500 });
      primary.respond({ status: 503, body: 'primary' });
      expect(await call).toMatchObject({ status: 503, text: 'primary' });
    });

    it('sends at most burst + ratio × calls hedges', async () => {
      const client = stage.client({ delay: 0, budget: { ratio: 0.1, burst: 2 } });
      stage.server.script((request) => request.respond());
      for (let call = 0; call < 100; call++) await client.ask();
      const { attempts, suppressions } = client.hedger.stats();
      expect(attempts.primary).toBe(100);
      expect(attempts.hedge).toBeGreaterThanOrEqual(10);
      expect(attempts.hedge).toBeLessThanOrEqual(12);
      expect(suppressions.budget_exhausted).toBe(100 - attempts.hedge);
      expect(stage.server.requests.length).toBeLessThanOrEqual(112);
    });

    it('keeps a budget per origin', async () => {
      const other = await stage.startServer();
      try {
        const client = stage.client({ delay: 0, budget: { ratio: 0.1, burst: 1 } });
        for (const server of [stage.server, other]) server.script((request) => request.respond());
        for (let call = 0; call < 5; call++) await client.ask(); // spends the first origin's token
        for (let call = 0; call < 10; call++) await client.ask({ url: other.origin, hedge: { delay: 60_000 } });

        const refused = driver.hedgeInfo((await client.ask()).carrier);
        const sent = driver.hedgeInfo((await client.ask({ url: other.origin })).carrier);
        expect(refused).toMatchObject({ attempts: 1, suppressionReason: 'budget_exhausted' });
        expect(sent).toMatchObject({ attempts: 2, suppressionReason: undefined });
      } finally {
        await other.close();
      }
    });

    it('keeps no more than maxConcurrentHedges under way', async () => {
      const client = stage.client({ maxConcurrentHedges: 1 });
      const first = client.ask({ path: '/first' });
      const attempts = await take(stage.server, 2);
      const second = client.ask({ path: '/second' });
      const alone = await stage.server.next();
      await until('the second is refused', () => client.hedger.stats().suppressions.concurrency === 1);
      alone.respond();
      attempts[0].respond();
      expect(driver.hedgeInfo((await second).carrier)).toMatchObject({ attempts: 1, suppressionReason: 'concurrency' });
      await first;
    });

    replaceable('stops hedging to an origin that answers 429 with Retry-After, until then', async () => {
      const client = stage.client();
      await pushBack(client, 429, '30');
      await isPushedBack(client);

      const other = await stage.startServer();
      try {
        const elsewhere = client.ask({ url: other.origin });
        const [, hedge] = await take(other, 2);
        hedge.respond();
        await elsewhere;
      } finally {
        await other.close();
      }

      stage.clock.advance(31_000);
      await isHedged(client);
    });

    replaceable('reads Retry-After as a date too, on a 503', async () => {
      const client = stage.client();
      await pushBack(client, 503, new Date(stage.clock.epochNow() + 60_000).toUTCString());
      await isPushedBack(client);
      stage.clock.advance(61_000);
      await isHedged(client);
    });

    replaceable.each(nonsense, 'is not impressed by Retry-After: %s', async ([, value]) => {
      const client = stage.client();
      await pushBack(client, 429, value);
      await isHedged(client);
    });

    replaceable.each(['9'.repeat(40), 'Fri, 31 Dec 9999 23:59:59 GMT'], 'hedges again after an hour at most: Retry-After: %s', async (value) => {
      const client = stage.client();
      await pushBack(client, 429, value);
      await isPushedBack(client);
      stage.clock.advance(3_600_001);
      await isHedged(client);
    });

    async function pushBack(client: StageClient, status: number, retryAfter: string): Promise<void> {
      const call = client.ask({ hedge: { delay: 60_000 } });
      (await stage.server.next()).respond({ status, headers: { 'retry-after': retryAfter } });
      expect((await call).status).toBe(status);
    }

    async function isPushedBack(client: StageClient): Promise<void> {
      const before = client.hedger.stats().suppressions.pushback;
      const call = client.ask();
      const primary = await stage.server.next();
      await until('the hedge is refused', () => client.hedger.stats().suppressions.pushback > before);
      primary.respond();
      expect(driver.hedgeInfo((await call).carrier)).toMatchObject({ attempts: 1, suppressionReason: 'pushback' });
    }

    async function isHedged(client: StageClient): Promise<void> {
      const call = client.ask();
      const [primary, hedge] = await take(stage.server, 2);
      hedge.respond({ body: 'hedge' });
      expect(await call).toMatchObject({ status: 200, text: 'hedge' });
      await closedByClient(primary);
    }
  });
}

/** A budget of a fixed number of tokens that says when it was asked. */
class Purse implements Budget {
  #tokens: number;
  #asked = 0;

  constructor(tokens: number) {
    this.#tokens = tokens;
  }

  deposit(): void {
    // never refilled
  }

  tryTake(): boolean {
    this.#asked++;
    if (this.#tokens === 0) return false;
    this.#tokens--;
    return true;
  }

  async asked(times: number): Promise<void> {
    await within(5_000, 'the budget to be asked', until('the budget is asked', () => this.#asked >= times));
  }
}
