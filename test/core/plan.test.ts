import { describe, expect, it, jest } from '@jest/globals';
import { Hedger, type HedgeOptions } from '@hedgerow/core';
import type { GoalEstimate } from '#core/goal/goal.js';
import { Trigger, type TriggerRule } from '#core/harm/worth.js';
import type { LatencyView } from '#core/routes/place.js';
import { delaysOf, learntDelayMs, planHedges, type Plan, type PlanInput } from '#core/plan/plan.js';
import { Reporter } from '#core/common/reporter.js';

const request = { method: 'GET', url: 'http://a.test/' };

/** What is known of a route: quantile q is 100 q milliseconds, as far as `upTo`; hedges below `worthFromMs` are not worth it. */
function known(upTo: number, samples = 1_000, goal?: GoalEstimate, worthFromMs = 0): LatencyView {
  const trigger = (rule: TriggerRule): Trigger | undefined => {
    if (rule.quantile > upTo) return undefined;
    const found = new Trigger(rule, Math.round(100 * rule.quantile));
    found.isWorthIt = (found.delayMs ?? 0) >= worthFromMs;
    return found;
  };
  return { key: 'GET /', samples, quantile: (quantile) => (quantile <= upTo ? Math.round(100 * quantile) : undefined), trigger, goal: () => goal };
}

function plan(options: HedgeOptions, latency: LatencyView, more: Partial<PlanInput> = {}): Plan {
  return planHedges({ request, options: new Hedger().resolve(options), latency, warmup: undefined, random: () => 0.5, reporter: new Reporter(), ...more });
}

function estimate(...hedges: GoalEstimate['hedges']): GoalEstimate {
  return { hedges, delaysMs: hedges.map(({ delayMs }) => delayMs), predictedMs: 9, identifiedUpToMs: 99 };
}

describe('a plan by quantiles', () => {
  it('ends before the first that is not known, and spreads a single one', () => {
    const quantile = [0.5, 0.9, 0.99];
    expect(plan({ delay: { quantile } }, known(0.95))).toEqual([50, 90]);
    expect(plan({ delay: { quantile: 0.5 }, maxHedges: 3 }, known(1))).toEqual([50, 100, 150]);
    expect(plan({ delay: { quantile: [0.1, 0.5, 0.99], minMs: 20, maxMs: 60 } }, known(1))).toEqual([20, 50, 60]);
    expect(plan({ delay: { quantile } }, known(0.4))).toBe('warmup');
  });

  it('leaves out hedges that are not worth it', () => {
    const quantile = [0.5, 0.9];
    expect(plan({ delay: { quantile } }, known(1, 1_000, undefined, 60))).toEqual([90, 180]);
    const none = plan({ delay: { quantile } }, known(1, 1_000, undefined, 95));
    expect(none).toMatchObject({ isWorthIt: false, delayMs: 50 });
    expect(delaysOf(none)).toEqual([]);
  });

  it('is the fixed delay of a warm-up until there are as many samples as it asks for', () => {
    const warmup = { requests: 20, delayMs: 7 };
    const options = { delay: { quantile: 0.5 }, maxHedges: 2 };
    expect(plan(options, known(1, 19), { warmup })).toEqual([7, 14]);
    expect(plan(options, known(1, 20), { warmup })).toEqual([50, 100]);
    expect(plan(options, known(0, 20), { warmup })).toEqual([7, 14]);
  });

  it('hedges a share of the calls if there is a probability', () => {
    const at = (chance: number): Plan => plan({ delay: 5, probability: 0.5 }, known(1), { random: () => chance });
    expect([at(0), at(0.49), at(0.5), at(0.99)]).toEqual([[5], [5], [], []]);
  });

  it('is what routes show as learnt', () => {
    const { delay } = new Hedger().resolve({ delay: { quantile: [0.5, 0.9] } });
    expect(learntDelayMs(delay, known(1))).toBe(50);
    expect(learntDelayMs(delay, known(0))).toBeUndefined();
    expect(learntDelayMs(delay, known(1, 1_000, undefined, 60))).toBe(90);
    expect(learntDelayMs(delay, known(1, 1_000, undefined, 95))).toBe('no_gain');
    const later = (rule: TriggerRule): Trigger => new Trigger(rule, rule.quantile === 0.5 ? 80 : 60);
    expect(learntDelayMs(delay, { ...known(1), trigger: later })).toBe(60); // the first hedge of a plan
    const goal = new Hedger().resolve({ delay: { minimize: 0.99 } }).delay;
    expect(learntDelayMs(goal, known(1, 1_000, estimate({ delayMs: 8, probability: 1 })))).toBe(8);
    expect(learntDelayMs(goal, known(1))).toBeUndefined();
    expect(learntDelayMs(new Hedger().resolve({ delay: 5 }).delay, known(1))).toBeUndefined();
  });
});

describe('a plan for a goal', () => {
  const options = { delay: { minimize: 0.999 }, maxHedges: 2 };

  it('draws each hedge by its own chance', () => {
    const two = estimate({ delayMs: 8, probability: 0.4 }, { delayMs: 20, probability: 1 });
    expect(plan(options, known(1, 1_000, two))).toEqual([20]);
    expect(plan(options, known(1, 1_000, two), { random: () => 0.3 })).toEqual([8, 20]);
    const one = estimate({ delayMs: 8, probability: 0.5 });
    expect(plan(options, known(1, 1_000, one))).toEqual([]);
    expect(plan(options, known(1, 1_000, one), { random: () => 0.49 })).toEqual([8]);
    expect(plan(options, known(1, 1_000, estimate()))).toEqual([]);
  });

  it('waits for the warm-up', () => {
    const found = estimate({ delayMs: 8, probability: 1 });
    expect(plan(options, known(1))).toBe('warmup');
    expect(plan(options, known(1, 19, found), { warmup: { requests: 20, delayMs: 7 } })).toEqual([7, 14]);
  });

  it('is told from others by all that it depends on', () => {
    const names = [{ minimize: 0.99 }, { minimize: 0.95 }, { minimize: 0.99, minMs: 5 }, { minimize: 0.99, maxMs: 50 }].map((delay) => {
      const { delay: resolved } = new Hedger().resolve({ delay, maxHedges: 1 });
      return resolved.kind === 'goal' ? resolved.rule.name : undefined;
    });
    expect(new Set([...names, undefined]).size).toBe(5);
    expect(new Hedger().resolve(options).delay).toMatchObject({ rule: { maxHedges: 2 } });
  });
});

describe('a plan by the user’s function', () => {
  it('is sorted, spread and cut', () => {
    expect(plan({ delay: () => [30, 5, 100], maxHedges: 2 }, known(1))).toEqual([5, 30]);
    expect(plan({ delay: () => 0, maxHedges: 1 }, known(1))).toEqual([0]);
    expect(plan({ delay: ({ quantile, key }) => (key === 'GET /' ? quantile(0.5) : 0), maxHedges: 2 }, known(1))).toEqual([50, 100]);
    expect(plan({ delay: () => undefined }, known(1))).toEqual([]);
  });

  it.each([
    [() => [5, NaN], 'hedgerow: option `delay` returned an unusable value: expected milliseconds ≥ 0, got [5, NaN]'],
    [() => [5, -1], 'hedgerow: option `delay` returned an unusable value: expected milliseconds ≥ 0, got [-1, 5]'],
    [() => Infinity, 'hedgerow: option `delay` returned an unusable value: expected milliseconds ≥ 0, got [Infinity]'],
    [() => { throw new Error('mine'); }, 'hedgerow: option `delay` threw: mine'],
    [() => 'soon' as unknown as number, 'hedgerow: option `delay` returned an unusable value: expected milliseconds ≥ 0, got [s, o, o, n]'],
    [() => ({}) as unknown as number, 'hedgerow: option `delay` returned an unusable value: '],
  ])('is none and reported where that gives no times (%#)', (delay, message) => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    expect(plan({ delay }, known(1))).toEqual([]);
    expect(warned.mock.calls).toEqual([[expect.stringContaining(message), expect.anything()]]);
    warned.mockRestore();
  });
});
