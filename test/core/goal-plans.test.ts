import { describe, expect, it } from '@jest/globals';
import { damp } from '#core/goal/damping.js';
import { GoalEstimates, plannedShare } from '#core/goal/estimates.js';
import type { Goal, GoalPlan, GoalRule } from '#core/goal/goal.js';
import { costOf } from '#core/goal/outlook.js';
import { solve } from '#core/goal/solver.js';
import type { Survival } from '#core/latency/survival-curve.js';
import { reference, referencePercentile } from './exact.js';
import { seeded } from './traffic.js';

/** The share of due hedges that a bucket refuses when each call is hedged with a constant chance. */
function refusedShare(ratio: number, share: number, burst: number): number {
  const random = seeded(1);
  let tokens = burst;
  let due = 0;
  let refused = 0;
  for (let call = 0; call < 500_000; call++) {
    tokens = Math.min(burst, tokens + ratio);
    if (random() >= ratio * share) continue;
    due++;
    if (tokens >= 1) tokens--;
    else refused++;
  }
  return refused / due;
}

describe('the share of the budget that a goal plans for', () => {
  it('is nine tenths of a small burst and 98 % of a large one', () => {
    expect([1, 10, 20, 50, 1_000].map(plannedShare)).toEqual([0.9, 0.9, 0.95, 0.98, 0.98]);
  });

  it.each([20, 50])('leaves about 0.16 / burst of due hedges to be refused by chance (burst %d)', (burst) => {
    expect(refusedShare(0.1, plannedShare(burst), burst)).toBeLessThan(0.25 / burst);
  });
});

describe('damping', () => {
  const goal: Goal = { target: 0.99, budget: 0.05, maxHedges: 1, minMs: 1, maxMs: Infinity };
  const at = (delayMs: number): GoalPlan => ({ hedges: [{ delayMs, probability: 1 }], predictedMs: 30 });

  it('goes a quarter of the way at a time, spends the budget all the same, and says what the plan in between would do', () => {
    const best = solve(goal, reference);
    if (best === undefined) throw new Error('no plan');
    const bestMs = best.hedges[0]?.delayMs ?? NaN;
    let plan = at(20);
    for (const share of [0.75, 0.75 ** 2, 0.75 ** 3]) {
      plan = damp(plan, best, goal, reference);
      expect(plan.hedges[0]?.delayMs).toBeCloseTo(bestMs + share * (20 - bestMs), 6);
      expect(costOf(plan.hedges, reference)).toBeLessThanOrEqual(goal.budget + 1e-9);
      expect((plan.predictedMs ?? 0) / referencePercentile(plan.hedges, 0.99)).toBeCloseTo(1, 2);
    }
    for (let renewal = 0; renewal < 30; renewal++) plan = damp(plan, best, goal, reference);
    expect(plan.hedges[0]?.delayMs).toBeCloseTo(bestMs, 2);
    expect(costOf(plan.hedges, reference)).toBeCloseTo(goal.budget, 6);
  });

  it('leaves what is new, of another number of hedges, or not identified as it is', () => {
    const unknown: GoalPlan = { ...at(16), predictedMs: undefined };
    const two = solve({ ...goal, target: 0.999, maxHedges: 2 }, reference);
    expect(damp(undefined, at(16), goal, reference)).toEqual(at(16));
    expect(damp(at(20), unknown, goal, reference)).toEqual(unknown);
    expect(two && damp(at(20), two, goal, reference)).toBe(two);
  });

  it('says nothing of the plan in between where the target lies beyond what is known', () => {
    const known: Survival = { ...reference, identifiedUpToMs: 21 };
    const best = solve(goal, known);
    expect(best?.predictedMs).toBeLessThan(21);
    const between = best && damp(at(20), best, goal, known);
    expect(between?.predictedMs).toBeUndefined();
    expect(between?.hedges).toHaveLength(1);
  });

  it('never spends more on a first hedge than there is', () => {
    const two: Goal = { ...goal, target: 0.999, maxHedges: 2 };
    const plan = (probability: number): GoalPlan => ({ hedges: [{ delayMs: 6, probability }, { delayMs: 40, probability: 1 }], predictedMs: 50 });
    const { hedges } = damp(plan(1), plan(0.3), two, reference);
    expect(hedges[0]?.probability).toBeCloseTo(two.budget / reference.runningAt(6), 9);
    const sparing = damp(plan(0.04), plan(0.08), two, reference).hedges;
    expect(sparing[0]?.probability).toBeCloseTo(0.05, 9);
    expect(costOf(sparing, reference)).toBeLessThanOrEqual(two.budget + 1e-9);
  });

  it('of two hedges stays within the budget', () => {
    const two: Goal = { ...goal, target: 0.999, maxHedges: 2 };
    const best = solve(two, reference);
    if (best === undefined) throw new Error('no plan');
    const previous: GoalPlan = { hedges: [{ delayMs: 9, probability: 0.5 }, { delayMs: 40, probability: 1 }], predictedMs: 50 };
    const { hedges } = damp(previous, best, two, reference);
    expect(hedges).toHaveLength(2);
    expect(hedges[0]?.delayMs).toBeGreaterThan(9);
    expect(hedges[1]?.delayMs).toBeLessThan(40);
    expect(costOf(hedges, reference)).toBeLessThanOrEqual(two.budget + 1e-9);
  });
});

describe('the plans of a route', () => {
  const trigger = { name: 'latest', quantile: 0.955, minMs: 1, maxMs: Infinity, worth: 0.2 };
  const rule: GoalRule = { name: 'p99', target: 0.99, ratio: 0.05, burst: 1_000, maxHedges: 1, minMs: 1, maxMs: Infinity, trigger };
  /** The same workload, three times slower. */
  const slower: Survival = {
    identifiedUpToMs: 3 * reference.identifiedUpToMs,
    runningAt: (ms) => reference.runningAt(ms / 3),
    quantile: (quantile) => 3 * (reference.quantile(quantile) ?? NaN),
  };
  const delayOf = (plans: GoalEstimates): number => plans.get(rule)?.delaysMs[0] ?? NaN;

  it('wait for the samples of Q(1 − 0.9 B), outlive them, and follow slowly', () => {
    const plans = new GoalEstimates(60_000);
    plans.add(rule);
    plans.refresh(reference, 222);
    expect(plans.get(rule)).toBeUndefined();
    plans.refresh(reference, 223);
    const before = delayOf(plans);
    plans.refresh(slower, 100);
    expect(delayOf(plans)).toBe(before);
    plans.refresh(slower, 1_000);
    expect(delayOf(plans) / before).toBeCloseTo(1.5, 1);
  });

  it('follow at once when latency is known to have changed, as soon as there are samples again', () => {
    const plans = new GoalEstimates(60_000);
    plans.add(rule);
    plans.refresh(reference, 1_000);
    const before = delayOf(plans);
    plans.startAfresh();
    plans.refresh(slower, 100);
    expect(delayOf(plans)).toBe(before);
    plans.refresh(slower, 1_000);
    expect(delayOf(plans) / before).toBeCloseTo(3, 1);
  });

  it('stay where nothing better is known, and are recalled only where there are none', () => {
    const plans = new GoalEstimates(60_000);
    plans.add(rule);
    expect(plans.get({ ...rule, name: 'another' })).toBeUndefined();
    plans.recall(reference, 1_000);
    const before = plans.get(rule);
    expect(before).toBeDefined();
    plans.recall(slower, 1_000);
    plans.refresh({ ...reference, quantile: () => undefined }, 1_000);
    expect(plans.get(rule)).toBe(before);
  });

  it('ask for nine tenths of a budget whose burst is as small as the traffic', () => {
    const plans = new GoalEstimates(60_000);
    plans.add({ ...rule, burst: undefined });
    plans.refresh(reference, 1_000);
    expect(costOf(plans.get(rule)?.hedges ?? [], reference)).toBeCloseTo(0.9 * 0.05, 6);
  });

  it('are kept for a few goals only', () => {
    const plans = new GoalEstimates(60_000);
    const rules = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ ...rule, name }));
    for (const each of rules) plans.add(each);
    expect(rules.map((each) => plans.has(each))).toEqual([false, true, true, true, true]);
  });
});
