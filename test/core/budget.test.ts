import { describe, expect, it } from '@jest/globals';
import { hedgeInfo, type HedgerOptions } from '@hedgerow/core';
import { Stage } from './stage.js';

const url = (name: string) => ({ request: { method: 'GET', url: `http://${name}.test/` } });

/** Calls that are all slow: each would hedge if it may. Returns how many did. */
async function hedges(stage: Stage, calls: number, extra = {}): Promise<number> {
  const before = stage.hedger.stats().attempts.hedge;
  for (let index = 0; index < calls; index++) {
    const promise = stage.run([{ ms: 20 }, { ms: 100 }], {}, extra);
    await stage.clock.advance(20);
    await promise;
  }
  return stage.hedger.stats().attempts.hedge - before;
}

const with_ = (budget: HedgerOptions['budget'], extra: HedgerOptions = {}): Stage => new Stage({ delay: 10, budget, ...extra });

describe('budgets', () => {
  it('the default: a few tokens to start with, then a tenth of the calls', async () => {
    const stage = with_(undefined);
    expect(await hedges(stage, 10)).toBe(3 + 1);
    expect(await hedges(stage, 100)).toBe(10);
    expect(stage.hedger.stats().suppressions.budget_exhausted).toBe(110 - 14);
  });

  it('say in hedgeInfo that a hedge was refused, and the call goes on', async () => {
    const stage = with_({ ratio: 0.1, burst: 1 });
    await hedges(stage, 1);
    const promise = stage.run([{ ms: 20 }]);
    await stage.clock.advance(20);
    expect(hedgeInfo(await promise)).toMatchObject({ attempts: 1, suppressionReason: 'budget_exhausted' });
  });

  it('keep at most a second’s allowance of the current traffic, never under 10', async () => {
    const stage = with_(undefined);
    const call = (calls: number): void => {
      for (let index = 0; index < calls; index++) void stage.run([{ ms: 1 }]);
    };
    expect(stage.hedger.stats().budget).toEqual({ limit: 3, used: 0 });
    call(1_000);
    await stage.clock.advance(1);
    // Nobody has wanted any of it.
    expect(stage.hedger.stats().budget).toEqual({ limit: 4, used: 0 });
    await hedges(stage, 1);
    for (let second = 0; second < 20; second++) {
      await stage.clock.advance(1_000);
      call(2_000);
    }
    expect(stage.hedger.stats().budget?.limit).toBeCloseTo(200, 0);
    await stage.clock.advance(60_000);
    call(1);
    await stage.clock.advance(1);
    expect(stage.hedger.stats().budget).toMatchObject({ limit: 10, used: 0 });
  });

  it('send at most burst + ratio · N hedges in any N calls', async () => {
    const stage = with_({ ratio: 0.05, burst: 5, brake: false });
    for (let index = 0; index < 400; index++) void stage.run([{ ms: 1 }]);
    await stage.clock.advance(5);
    const sent = await hedges(stage, 100);
    expect(sent).toBeLessThanOrEqual(5 + 5);
    expect(sent).toBeGreaterThanOrEqual(5 + 4);
  });

  it('are separate for each origin, inside one for all', async () => {
    const stage = with_({ ratio: 0.1, burst: 3 });
    expect(await hedges(stage, 1, url('a'))).toBe(1);
    expect(await hedges(stage, 1, url('b'))).toBe(1);
    expect(await hedges(stage, 8, url('c'))).toBe(1);
    const roomy = with_({ ratio: 1, burst: 3 });
    expect(await hedges(roomy, 9, url('a'))).toBe(9);
  });

  it('can be a bucket filled by time', async () => {
    const stage = with_({ requestsPerSecond: 100, ratio: 0.1, burstSeconds: 1 });
    expect(await hedges(stage, 25)).toBe(10 + 4);
    await stage.clock.advance(60_000);
    expect(await hedges(stage, 10)).toBe(10);
  });

  it('can be the user’s own', async () => {
    const seen: string[] = [];
    const stage = with_({ deposit: (origin) => void seen.push(origin), tryTake: () => false });
    expect(await hedges(stage, 2, url('a'))).toBe(0);
    expect(seen).toEqual(['http://a.test', 'http://a.test']);
    expect(stage.hedger.stats().budget).toBeUndefined();
  });

  it('can be switched off', async () => {
    expect(await hedges(with_(false), 30)).toBe(30);
  });

  it('come with a cap on hedges under way', async () => {
    const stage = with_(false, { maxConcurrentHedges: 2 });
    for (let index = 0; index < 5; index++) void stage.run([{ ms: 50 }, { ms: 100 }]);
    await stage.clock.advance(10);
    expect(stage.hedger.stats()).toMatchObject({ activeHedges: 2, suppressions: { concurrency: 3 } });
    await stage.clock.advance(50);
    expect(stage.hedger.stats().activeHedges).toBe(0);
  });

  it('take no token for a hedge that chance rules out', async () => {
    const stage = with_({ ratio: 0.1, burst: 1 }, { probability: 0.5 });
    stage.clock.random = () => 0.9;
    expect(await hedges(stage, 3)).toBe(0);
    stage.clock.random = () => 0.1;
    expect(await hedges(stage, 1)).toBe(1);
  });
});

describe('pushback', () => {
  it.each([
    ['2', 2_000],
    [new Date(1_700_000_000_000 + 1_000 + 5_000).toUTCString(), 5_000],
  ])('Retry-After: %s stops hedges to that origin until then', async (retryAfter, stopMs) => {
    const stage = new Stage({ delay: 10 });
    const pushed = stage.run([{ ms: 1, status: 429, headers: { 'retry-after': retryAfter } }]);
    await stage.clock.advance(1);
    await pushed;
    expect(await hedges(stage, 1)).toBe(0);
    expect(stage.hedger.stats().suppressions.pushback).toBe(1);
    expect(await hedges(stage, 1, url('other'))).toBe(1);
    await stage.clock.advance(stopMs);
    expect(await hedges(stage, 1)).toBe(1);
  });

  it.each(['', '-5', 'soon', 'try again after 2099', '1e9', 'NaN', '9'.repeat(1e6), '\0', 'Wed, 21 Oct 2015 07:28:00 GMT'])(
    'a Retry-After that says nothing stops nothing: %#',
    async (retryAfter) => {
      const stage = new Stage({ delay: 10 });
      void stage.run([{ ms: 1, status: 503, headers: { 'retry-after': retryAfter } }]);
      await stage.clock.advance(1);
      expect(await hedges(stage, 1)).toBe(1);
    },
  );

  it('lasts an hour at most, and needs a 429 or 503', async () => {
    const stage = new Stage({ delay: 10 });
    void stage.run([{ ms: 1, status: 500, headers: { 'retry-after': '100' } }]);
    await stage.clock.advance(1);
    expect(await hedges(stage, 1)).toBe(1);
    void stage.run([{ ms: 1, status: 503, headers: { 'retry-after': '999999999' } }]);
    await stage.clock.advance(1);
    expect(await hedges(stage, 1)).toBe(0);
    await stage.clock.advance(3_600_000);
    expect(await hedges(stage, 1)).toBe(1);
  });
});
