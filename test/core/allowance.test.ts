import { describe, expect, it, jest } from '@jest/globals';
import type { HedgerOptions } from '@hedgerow/core';
import type { Allowance } from '#core/budget/allowance.js';
import { resolveBudget } from '#core/budget/budget.js';
import { defaultBurst } from '#core/budget/ratio-bucket.js';
import { pushbackMs, Pushbacks } from '#core/budget/pushback.js';
import { Reporter } from '#core/common/reporter.js';
import { FakeClock } from './fake-clock.js';

function allowance(option: HedgerOptions['budget']): Allowance {
  const { allowance: budget } = resolveBudget(option, 10, new Reporter());
  if (budget === undefined) throw new Error('no budget');
  return budget;
}

/** How many hedges in a row an origin may send, and why no more. */
function spend(budget: Allowance, nowMs = 0, origin = 'a'): readonly [number, string | undefined] {
  for (let hedges = 0; hedges < 1_000; hedges++) {
    const refusal = budget.refusal(origin, nowMs);
    if (refusal !== undefined) return [hedges, refusal];
  }
  return [1_000, undefined];
}

function full(burst: number): Allowance {
  const budget = allowance({ ratio: 0.1, burst });
  budget.onDue('a', 0, 1);
  budget.refusal('a', 0);
  for (let call = 0; call < 2_000; call++) budget.deposit('a', 0);
  return budget;
}

describe('a budget by calls', () => {
  it('keeps a second’s allowance by default, never under 10 tokens, and more of a larger ratio', () => {
    expect([defaultBurst(0.1, 1), defaultBurst(0.05, 2), defaultBurst(0.1, 0.001)]).toEqual([100, 100, 10]);
    // Ten times the usual ratio is meant to be spent.
    expect([defaultBurst(1, 1), defaultBurst(1, 0.001)]).toEqual([10_000, 100]);
  });

  it('says why it refuses, and what is used of it', () => {
    const budget = full(20);
    expect(budget.usage(0)).toEqual({ used: 0, limit: 20 });
    expect(spend(budget)).toEqual([20, 'budget_exhausted']);
    expect(budget.usage(0)).toEqual({ used: 20, limit: 20 });
    // Another origin has tokens of its own, but there are none left over all.
    expect(budget.refusal('b', 0)).toBe('budget_exhausted');
    expect([budget.isBraked('a'), budget.isBraked('unknown')]).toEqual([false, false]);
  });

  it.each([[100, 0.9, 59], [100, 0.5, 5], [20, 0.9, 11], [5, 0.5, 2]])('of burst %d keeps less while it is eased to %d: %d tokens', (burst, easing, tokens) => {
    const budget = full(burst);
    budget.onDue('a', 0, easing);
    expect(spend(budget)).toEqual([tokens, 'overload']);
  });

  it('of a share of 1 is not eased', () => {
    const budget = full(100);
    budget.onDue('a', 0, 1);
    expect(spend(budget)).toEqual([100, 'budget_exhausted']);
  });
});

describe('an origin in which most calls come due', () => {
  /** So many calls at a time, each of them due for a hedge. */
  function due(budget: Allowance, calls: number, nowMs: number): void {
    for (let call = 0; call < calls; call++) {
      budget.deposit('a', nowMs);
      budget.onDue('a', nowMs, 1);
    }
  }

  it.each([[true, 'overload'], [false, 'budget_exhausted']] as const)('seems to be out, if there is a brake: %s', (brake, refusal) => {
    const budget = allowance({ ratio: 0.1, burst: 20, brake });
    due(budget, 1, 0);
    for (let call = 0; call < 40; call++) budget.deposit('a', 0);
    due(budget, 1, 500);
    due(budget, 20, 1_000);
    expect(budget.isBraked('a')).toBe(false);
    due(budget, 20, 1_500);
    expect(budget.isBraked('a')).toBe(brake);
    expect(spend(budget, 1_500)[1]).toBe(refusal);
  });
});

describe('a budget by time', () => {
  it('starts full, fills by its rate, and knows no origin in trouble', () => {
    const { allowance: budget, ratio, burst } = resolveBudget({ requestsPerSecond: 100, ratio: 0.1, burstSeconds: 5 }, 10, new Reporter());
    if (budget === undefined) throw new Error('no budget');
    expect({ ratio, burst }).toEqual({ ratio: 0.1, burst: 50 });
    expect(budget.usage(0)).toEqual({ used: 0, limit: 50 });
    budget.deposit('a', 0);
    budget.onDue('a', 0, 0.5);
    expect(spend(budget)).toEqual([50, 'budget_exhausted']);
    expect(budget.usage(0)).toEqual({ used: 50, limit: 50 });
    expect(spend(budget, 299)).toEqual([2, 'budget_exhausted']);
    expect(budget.isBraked('a')).toBe(false);
  });

  it('keeps two seconds’ worth by default, one token at least', () => {
    expect(resolveBudget({ requestsPerSecond: 100, ratio: 0.1 }, 10, new Reporter()).burst).toBe(20);
    expect(spend(allowance({ requestsPerSecond: 1, ratio: 0.1 }))).toEqual([1, 'budget_exhausted']);
  });
});

describe('the user’s own budget', () => {
  it('is asked and told as it is', () => {
    const told: unknown[] = [];
    const budget = allowance({ deposit: (...args) => void told.push(args), tryTake: (_, nowMs) => nowMs > 5 });
    budget.deposit('a', 1);
    expect(told).toEqual([['a', 1]]);
    expect([budget.refusal('a', 5), budget.refusal('a', 6)]).toEqual(['budget_exhausted', undefined]);
    expect([budget.isBraked('a'), budget.usage(0)]).toEqual([false, undefined]);
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2040-01-01T00:00:00Z');

  it.each([
    ['5', 5_000],
    [' 5 ', 5_000],
    ['0', 0],
    ['Sun, 01 Jan 2040 00:00:07 GMT', 7_000],
    ['Sunday, 01-Jan-40 00:00:07 GMT', 7_000],
    ['Sun Jan  1 00:00:07 2040', 7_000],
    ['Sat, 31 Dec 2039 23:59:59 GMT', 0],
    ['Sun, 01 Jan 2040 00:00:07 GMT!', 0],
    ['!Sun, 01 Jan 2040 00:00:07 GMT', 0],
    [`${' '.repeat(63)}5`, 5_000],
    [`${' '.repeat(64)}5`, 0],
  ])('%j stands for %d ms', (retryAfter, expectedMs) => {
    expect(pushbackMs(503, retryAfter, now)).toBe(expectedMs);
    expect(pushbackMs(429, retryAfter, now)).toBe(expectedMs);
    expect(pushbackMs(500, retryAfter, now)).toBe(0);
  });

  it('is read as of Greenwich, whatever the time zone of the machine', () => {
    const parse = jest.spyOn(Date, 'parse').mockReturnValue(7_000);
    const dates = ['Sun, 01 Jan 2040 00:00:07 GMT', 'Sun Jan  1 00:00:07 2040'];
    expect(dates.map((date) => pushbackMs(503, date, 5_000))).toEqual([2_000, 2_000]);
    expect(parse.mock.calls).toEqual([['Sun, 01 Jan 2040 00:00:07 GMT'], ['Sun Jan  1 00:00:07 2040 GMT']]);
    parse.mockRestore();
  });
});

describe('origins that asked to be left alone', () => {
  it('are, until the latest time that they named', () => {
    const pushbacks = new Pushbacks(new FakeClock(), 10);
    pushbacks.add('a', 1_000, 500);
    pushbacks.add('a', 100, 600);
    expect([1_499, 1_500].map((nowMs) => pushbacks.isOn('a', nowMs))).toEqual([true, false]);
    expect(pushbacks.isOn('b', 600)).toBe(false);
    pushbacks.heed('b', 503, '2', 600);
    pushbacks.heed('c', 500, '2', 600);
    expect([pushbacks.isOn('b', 2_599), pushbacks.isOn('b', 2_600), pushbacks.isOn('c', 600)]).toEqual([true, false, false]);
  });

  it('are not forgotten for others that say nothing of the kind', () => {
    const pushbacks = new Pushbacks(new FakeClock(), 1);
    pushbacks.add('a', 1_000, 0);
    pushbacks.add('b', 0, 0);
    expect([pushbacks.isOn('a', 999), pushbacks.isOn('b', 0), pushbacks.isOn('c', 0)]).toEqual([true, false, false]);
  });

  it('are left alone until then where more have asked than can be kept', () => {
    const pushbacks = new Pushbacks(new FakeClock(), 2);
    for (const [index, origin] of ['a', 'b', 'c'].entries()) pushbacks.add(origin, 1_000 - 100 * index, 0);
    expect(['a', 'b', 'c'].map((origin) => pushbacks.isOn(origin, 850))).toEqual([true, true, false]);
    // Nothing is kept of this one: it may have been the one that had to go.
    expect([pushbacks.isOn('d', 999), pushbacks.isOn('d', 1_000)]).toEqual([true, false]);
    pushbacks.add('a', 1, 0);
    expect([pushbacks.isOn('a', 999), pushbacks.isOn('a', 1_000)]).toEqual([true, false]);
  });
});
