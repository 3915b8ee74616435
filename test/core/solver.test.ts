import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Goal, PlannedHedge } from '#core/goal/goal.js';
import { costOf, runningWith } from '#core/goal/outlook.js';
import { solve } from '#core/goal/solver.js';
import { kaplanMeier, type BucketCounts } from '#core/latency/kaplan-meier.js';
import type { SurvivalCurve } from '#core/latency/survival-curve.js';
import { reference, referencePercentile } from './exact.js';

const anywhere = { minMs: 1, maxMs: Infinity };
const percentiles = [0.5, 0.9, 0.95, 0.99, 0.999];

describe('the solver, on the reference workload known exactly', () => {
  // From exact evaluation of the optimum; p50, p90, p95, p99, p99.9 in milliseconds.
  it.each([
    ['p99 for 2 %', 0.99, 0.02, 1, [4.76, 8.66, 17.5, 48.7, 87.3]],
    ['p99 for 5 %', 0.99, 0.05, 1, [4.76, 8.66, 14.7, 20.5, 65]],
    ['p99 for 10 %', 0.99, 0.1, 1, [4.76, 8.66, 11.7, 15.5, 44.8]],
    ['p95 for 5 %', 0.95, 0.05, 1, [4.76, 8.66, 11.7, 58.6, 97]],
    ['p99.9 for 10 % with two hedges', 0.999, 0.1, 2, [4.76, 8.66, 12.6, 16.7, 20.4]],
  ])('minimises %s', (_, target, budget, maxHedges, expectedMs) => {
    const plan = solve({ target, budget, maxHedges, ...anywhere }, reference);
    const hedges = plan?.hedges ?? [];
    expect(hedges).toHaveLength(maxHedges);
    expect(costOf(hedges, reference)).toBeLessThan(budget + 1e-6);
    expect((plan?.predictedMs ?? 0) / referencePercentile(hedges, target)).toBeCloseTo(1, 2);
    percentiles.forEach((percentile, index) => {
      const ratio = referencePercentile(hedges, percentile) / (expectedMs[index] ?? 0);
      expect(Math.abs(ratio - 1)).toBeLessThan(percentile === target ? 0.01 : 0.05);
    });
  });

  it('comes close to the best that two hedges can do for 5 %', () => {
    // There p99 and p99.9 are flat over quite different plans: only what is minimised is certain.
    const plan = solve({ target: 0.999, budget: 0.05, maxHedges: 2, ...anywhere }, reference);
    expect(Math.abs((plan?.predictedMs ?? 0) / 38.2 - 1)).toBeLessThan(0.02);
  });

  it('plans a second hedge only from p99.9 on and where `maxHedges` allows it', () => {
    const hedges = (target: number, maxHedges: number): number | undefined =>
      solve({ target, budget: 0.1, maxHedges, ...anywhere }, reference)?.hedges.length;
    expect([hedges(0.99, 2), hedges(0.999, 1), hedges(0.999, 2), hedges(0.9999, 3)]).toEqual([1, 1, 2, 2]);
  });

  it('takes the plain quantile where hedging cannot help the target, or the target is not known', () => {
    const quantile = [{ delayMs: reference.quantile(0.9) ?? 0, probability: 1 }];
    const goal = { target: 0.5, budget: 0.1, maxHedges: 1, minMs: 6, maxMs: Infinity };
    expect(solve(goal, reference)?.hedges).toEqual(quantile);
    const unknown = solve({ ...goal, target: 0.99, minMs: 1 }, { ...reference, identifiedUpToMs: 12 });
    expect(unknown).toEqual({ hedges: quantile, predictedMs: undefined });
  });

  it('considers `minMs` itself, however far below the latest time', () => {
    /** Half of the requests take 1 ms, the others three hours. */
    const halves = { identifiedUpToMs: 1e8, runningAt: (ms: number) => (ms < 1 ? 1 : ms < 1e7 ? 0.5 : 0), quantile: (quantile: number) => (quantile <= 0.5 ? 1 : 1e7) };
    const plan = solve({ target: 0.59, budget: 0.4, maxHedges: 1, minMs: 0, maxMs: Infinity }, halves);
    expect(plan?.hedges).toEqual([{ delayMs: 0, probability: expect.closeTo(0.4, 9) }]);
    expect(plan?.predictedMs).toBeCloseTo(1, 2);
  });

  it('gives the earlier hedge first', () => {
    for (const budget of [0.02, 0.1, 0.3]) {
      const delaysMs = solve({ target: 0.999, budget, maxHedges: 2, ...anywhere }, reference)?.hedges.map(({ delayMs }) => delayMs) ?? [];
      expect(delaysMs).toEqual([...delaysMs].sort((a, b) => a - b));
    }
  });

  it('has no answer where not even Q(1 − B) is known', () => {
    expect(solve({ target: 0.99, budget: 0.1, maxHedges: 1, ...anywhere }, { ...reference, quantile: () => undefined })).toBeUndefined();
  });
});

describe('the solver, on random samples', () => {
  const counts = (length: number): fc.Arbitrary<number[]> => fc.array(fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 5_000 })), { minLength: length, maxLength: length });
  /** Uncensored and censored samples over a range of up to five decades. */
  const curves: fc.Arbitrary<SurvivalCurve> = fc.integer({ min: 1, max: 24 }).chain((length) =>
    fc.record({ events: counts(length), censored: fc.oneof(fc.constant<number[]>([]), counts(length)), firstBucket: fc.integer({ min: -100, max: 300 }), gamma: fc.constantFrom(1.02, 1.2, 1.6) }).map(
      (buckets): SurvivalCurve => kaplanMeier({ ...buckets, length } satisfies BucketCounts),
    ),
  );
  const goals: fc.Arbitrary<Goal> = fc.record({
    target: fc.oneof({ weight: 1, arbitrary: fc.double({ min: 0.01, max: 0.9999, noNaN: true }) }, fc.constantFrom(0.999, 0.9999)),
    budget: fc.double({ min: 0.001, max: 1, noNaN: true }),
    maxHedges: fc.constantFrom(1, 2, 2, 2),
    minMs: fc.constantFrom(0, 1, 20),
    maxMs: fc.constantFrom(20, 500, Infinity),
  });

  /** The hedge of a plain quantile trigger with the same budget and limits. */
  function plain(goal: Goal, curve: SurvivalCurve): PlannedHedge[] {
    const delayMs = Math.min(Math.max(curve.quantile(1 - goal.budget) ?? 0, goal.minMs), goal.maxMs);
    return [{ delayMs, probability: Math.min(1, goal.budget / curve.runningAt(delayMs)) }];
  }

  it('is never worse than the plain quantile at the same budget, nor dearer, and keeps its limits', () => {
    const solved = { one: 0, two: 0 };
    fc.assert(
      fc.property(curves, goals, (curve, goal) => {
        const plan = solve(goal, curve);
        if (plan === undefined) return curve.quantile(1 - goal.budget) === undefined;
        const { hedges, predictedMs } = plan;
        if (predictedMs !== undefined) solved[hedges.length === 1 ? 'one' : 'two']++;
        const areWithinLimits = hedges.every(
          ({ delayMs, probability }) =>
            Number.isFinite(delayMs) && delayMs >= goal.minMs && delayMs <= goal.maxMs && probability >= 0 && probability <= 1,
        );
        // Just before the time at which the plan reaches the target, the plain quantile has not reached it either.
        const beforeMs = (predictedMs ?? curve.identifiedUpToMs) * (1 - 2e-3);
        const isPlainSlower = runningWith(plain(goal, curve), curve, beforeMs) > 1 - goal.target;
        return areWithinLimits && costOf(hedges, curve) <= goal.budget + 1e-6 && isPlainSlower;
      }),
      { numRuns: 10_000 },
    );
    expect(solved.one).toBeGreaterThan(1_000);
    expect(solved.two).toBeGreaterThan(100);
  });
});
