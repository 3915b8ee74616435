import { describe, expect, it } from '@jest/globals';
import type { HedgerChanges, HedgerOptions } from '@hedgerow/core';
import { resolveBudget } from '#core/budget/budget.js';
import { Reporter } from '#core/common/reporter.js';
import { Stage } from './stage.js';

type Budget = Exclude<HedgerOptions['budget'], undefined>;

const RATIO: Budget = { ratio: 0.1, burst: 10 };
const RATE: Budget = { requestsPerSecond: 100, ratio: 0.1 };

/** Sends a call to a slow server: it is hedged after 1 ms if the budget allows it. */
async function ask(stage: Stage, calls: number): Promise<number> {
  const before = stage.hedger.stats().attempts.hedge;
  for (let call = 0; call < calls; call++) void stage.run([{ ms: 5 }, { ms: 1 }]);
  await stage.clock.advance(10);
  return stage.hedger.stats().attempts.hedge - before;
}

function ownBudget(tokens: number): Budget & object {
  let left = tokens;
  return { deposit: (): void => undefined, tryTake: () => left-- > 0, usage: () => ({ used: tokens - Math.max(0, left), limit: tokens }) };
}

describe('a budget that is changed', () => {
  it.each<[string, Budget, Budget]>([
    ['by itself', RATIO, RATIO],
    ['by a larger one', RATIO, { ratio: 1, burst: 1_000 }],
    ['by one that time fills', RATIO, RATE],
    ['by time, to one that calls fill', RATE, RATIO],
    ['by time, to another', RATE, { requestsPerSecond: 1_000, ratio: 1 }],
    ['from one’s own', ownBudget(3), RATIO],
  ])('has no new tokens: %s', async (_how, first, second) => {
    const stage = new Stage({ delay: 1, budget: first });
    while ((await ask(stage, 1)) === 1);
    for (let change = 0; change < 5; change++) {
      for (const budget of [second, first]) {
        stage.hedger.configure({ budget });
        const { used, limit } = stage.hedger.stats().budget ?? { used: 0, limit: 0 };
        expect(limit - used).toBeLessThan(1);
      }
    }
  });

  it('goes on by its new ratio, and counts what came before by the old one', async () => {
    const stage = new Stage({ delay: 60_000, budget: { ratio: 0.01, burst: 100 } });
    for (let call = 0; call < 500; call++) void stage.run([{ ms: 1 }]); // 5 tokens beside the first 3, and nobody has looked
    stage.hedger.configure({ budget: { ratio: 0.5, burst: 100 }, delay: 1 });
    expect(await ask(stage, 20)).toBe(3 + 5 + 10);
  });

  it('keeps no more than its new burst', async () => {
    const stage = new Stage({ delay: 60_000, budget: { ratio: 1, burst: 100 } });
    await ask(stage, 200);
    stage.hedger.configure({ budget: { ratio: 0.01, burst: 5 }, delay: 1 });
    expect(await ask(stage, 50)).toBe(5);
  });

  it('may be taken away, and after that begins with nothing', async () => {
    const stage = new Stage({ delay: 1, budget: RATIO });
    stage.hedger.configure({ budget: false });
    expect(await ask(stage, 50)).toBe(50);
    stage.hedger.configure({ budget: { ratio: 0.01 } });
    expect(await ask(stage, 50)).toBe(0);
  });

  it('is one’s own at once', async () => {
    const stage = new Stage({ delay: 1, budget: RATIO });
    stage.hedger.configure({ budget: ownBudget(4) });
    expect(await ask(stage, 50)).toBe(4);
  });

  it('lets nothing of a broken one in', async () => {
    const stage = new Stage({ delay: 1, budget: { ...ownBudget(4), usage: () => ({ used: NaN, limit: NaN }) } });
    stage.hedger.configure({ budget: { ratio: 1 } });
    expect(await ask(stage, 50)).toBe(50);
  });

  it('forgets its brake when told to go without', () => {
    const { allowance } = resolveBudget({ ratio: 0.1, burst: 20 }, 10, new Reporter());
    for (let look = 0; look < 20; look++) {
      for (let call = 0; call < 100; call++) allowance?.deposit('a', look * 600);
      const due = look < 10 ? 5 : 100;
      for (let hedge = 0; hedge < due; hedge++) allowance?.onDue('a', look * 600, 1);
    }
    expect(allowance?.isBraked('a')).toBe(true);
    const { allowance: unbraked } = resolveBudget({ ratio: 0.1, burst: 20, brake: false }, 10, new Reporter());
    unbraked?.succeed(allowance, 12_000);
    expect(unbraked?.isBraked('a')).toBe(false);
    for (let hedge = 0; hedge < 20; hedge++) unbraked?.refusal('a', 12_000);
    expect(unbraked?.refusal('a', 12_000)).toBe('budget_exhausted');
  });
});

describe('under load', () => {
  it('100,000 calls with a change every 100 ms: none fails, what all budgets allowed together is not exceeded, bad values change nothing', async () => {
    const CALLS = 100_000;
    const stage = new Stage({ delay: 5, budget: { ratio: 0.1 } });
    const { hedger, clock } = stage;
    // Whatever a new bucket starts with, the deposits by each ratio while it was in force, and what time filled.
    let allowed = 3;
    let ratio = 0.1;
    let perMs = 0;
    let eligibleBefore = 0;
    const settle = (elapsedMs: number): void => {
      const { eligible } = hedger.stats();
      allowed += ratio * (eligible - eligibleBefore) + perMs * elapsedMs;
      eligibleBefore = eligible;
    };
    const changes: readonly HedgerChanges[] = [
      { mode: 'off' },
      { mode: 'on', budget: { ratio: 0.02 } },
      { mode: 'shadow', delay: [3, 9] },
      { mode: 'on', delay: { quantile: 0.9 }, budget: { requestsPerSecond: 1_000, ratio: 0.03 } },
      { delay: 8, budget: { ratio: 0.04, burst: 20 } },
      { delay: {}, budget: { ratio: 0.05, brake: false } },
    ];
    const adopt = ({ budget }: HedgerChanges): void => {
      if (budget === undefined || budget === false || 'tryTake' in budget) return;
      const isByTime = 'requestsPerSecond' in budget;
      ratio = isByTime ? 0 : (budget.ratio ?? 0);
      perMs = isByTime ? (budget.requestsPerSecond * budget.ratio) / 1_000 : 0;
    };
    const bad: readonly unknown[] = [{ mode: 'maybe', delay: 0 }, { delay: 0, budget: { ratio: 7 } }, { mode: 'off', delay: NaN }, { budget: false, delay: [] }];
    let failed = 0;
    let settled = 0;
    for (let step = 0; settled + failed < CALLS && step < CALLS; step++) {
      if (step % 100 === 99) {
        settle(100);
        const turn = (step - 99) / 100;
        const before = hedger.resolve(undefined);
        expect(() => hedger.configure(bad[turn % bad.length] as HedgerChanges)).toThrow('hedgerow: option');
        expect(hedger.resolve(undefined)).toBe(before);
        const next = changes[turn % changes.length] ?? {};
        hedger.configure(next);
        adopt(next);
      }
      const call = hedger.run(stage.call([{ ms: step % 12 === 0 ? 40 : step % 3 }, { ms: 2 }, { ms: 2 }]));
      call.then(() => settled++, () => failed++);
      stage.forget();
      await clock.advance(1);
    }
    await clock.advance(1_000);
    settle(0);
    const { attempts, suppressions, eligible, ineligible, calls } = hedger.stats();
    expect({ failed, settled, calls, underWay: hedger.stats().activeHedges, timers: clock.pending }).toEqual({ failed: 0, settled: CALLS, calls: CALLS, underWay: 0, timers: 0 });
    expect(eligible + ineligible.off).toBe(CALLS);
    expect(ineligible.off).toBeGreaterThan(CALLS / 10);
    expect(attempts.hedge).toBeGreaterThan(1_000);
    expect(suppressions.shadow).toBeGreaterThan(100);
    expect(attempts.hedge + suppressions.shadow).toBeLessThanOrEqual(Math.ceil(allowed));
  }, 120_000);
});
