import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Reporter } from '#core/common/reporter.js';
import type * as budgets from '../../packages/core/src/budget/budget.js';
import { internal } from './internal.js';

const { resolveBudget } = (await import(internal('budget/budget.js'))) as typeof budgets;

const ORIGINS = ['http://a.test', 'http://b.test'] as const;
const ROUNDING = 1e-6;

/** A stretch of traffic: so many calls to an origin, so far apart, so many of them due for a hedge, while it bears so much. */
const stretch = fc.record({
  origin: fc.constantFrom(...ORIGINS),
  calls: fc.integer({ min: 1, max: 25 }),
  gapMs: fc.constantFrom(0, 0.1, 1, 10, 300, 5_000),
  dueEvery: fc.integer({ min: 1, max: 12 }),
  duePerCall: fc.integer({ min: 1, max: 3 }),
  easing: fc.constantFrom(1, 1, 0.5, 0.0625),
});

const traffic = fc.record({
  ratio: fc.double({ min: 0.001, max: 1, noNaN: true }),
  burst: fc.option(fc.double({ min: 1, max: 60, noNaN: true }), { nil: undefined }),
  brake: fc.boolean(),
  stretches: fc.array(stretch, { minLength: 1, maxLength: 8 }),
});

/** The most of hedges − ratio × calls in any window. */
class Excess {
  worst = 0;
  private current = 0;

  call(ratio: number): void {
    this.current = Math.max(0, this.current - ratio);
  }

  hedge(): void {
    this.worst = Math.max(this.worst, ++this.current);
  }
}

describe('the ratio budget, whatever the traffic', () => {
  it('sends at most burst + ratio · N hedges in any N calls: of an origin, and of all together', () => {
    fc.assert(
      fc.property(traffic, ({ ratio, burst, brake, stretches }) => {
        const { allowance: budget } = resolveBudget({ ratio, burst, brake }, 10, new Reporter());
        if (budget === undefined) throw new Error('a ratio budget is one');
        const overall = new Excess();
        const each = { [ORIGINS[0]]: new Excess(), [ORIGINS[1]]: new Excess() };
        let nowMs = 0;
        let limit = burst ?? 10;
        for (const { origin, calls, gapMs, dueEvery, duePerCall, easing } of stretches) {
          for (let call = 0; call < calls; call++) {
            nowMs += gapMs;
            budget.deposit(origin, nowMs);
            overall.call(ratio);
            each[origin].call(ratio);
            if (call % dueEvery > 0) continue;
            for (let due = 0; due < duePerCall; due++) {
              budget.onDue(origin, nowMs, easing);
              const refusal = budget.refusal(origin, nowMs);
              limit = Math.max(limit, budget.usage(nowMs)?.limit ?? 0);
              if (refusal === 'overload' && !brake) throw new Error('braked without a brake');
              if (refusal !== undefined) continue;
              overall.hedge();
              each[origin].hedge();
            }
          }
        }
        const worst = Math.max(overall.worst, ...Object.values(each).map((excess) => excess.worst));
        if (worst > limit + ROUNDING) expect(worst).toBeLessThanOrEqual(limit);
      }),
      { numRuns: 10_000 },
    );
  });
});
