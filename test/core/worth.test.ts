import { describe, expect, it } from '@jest/globals';
import { hedgeInfo, Hedger } from '@hedgerow/core';
import { Trigger, type TriggerRule } from '#core/harm/worth.js';
import { kaplanMeier } from '#core/latency/kaplan-meier.js';
import type { SurvivalCurve } from '#core/latency/survival-curve.js';
import { LatencyWindow } from '#core/latency/window.js';
import { FakeClock } from './fake-clock.js';
import { World } from './instant.js';
import { referenceLatency, seeded } from './traffic.js';

type Draw = (random: () => number) => number;

const normal: Draw = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Lognormal milliseconds. */
function lognormal(meanMs: number, sdMs: number): Draw {
  const variance = Math.log(1 + (sdMs / meanMs) ** 2);
  return (random) => Math.exp(Math.log(meanMs) - variance / 2 + Math.sqrt(variance) * normal(random));
}

const narrow = lognormal(5, 0.5);
const exponentialMs: Draw = (random) => -10 * Math.log(1 - random());
const reference: Draw = (random) => referenceLatency(random)();

function curveOf(draw: Draw, samples: number, seed = 1): SurvivalCurve {
  const random = seeded(seed);
  const window = new LatencyWindow(60_000, 6);
  for (let sample = 0; sample < samples; sample++) window.record(draw(random), false, 0);
  return kaplanMeier(window.counts(0));
}

/** A curve that is known to nobody but us. */
const SAMPLES = 40_000;

describe('what a copy saves of the time that late requests have left', () => {
  it.each([
    // Without memory: what is left is as long as a new request, and a copy is the first in half of all cases.
    ['exponential', (random) => -10 * Math.log(1 - random()), 25, 0.5],
    // (10 − d)³ / 600 of (10 − d)² / 20.
    ['uniform from 0 to 10', (random) => 10 * random(), 9, 1 / 30],
    ['uniform from 0 to 10, sooner', (random) => 10 * random(), 5, 5 / 30],
    ['constant', () => 7, 6.5, 0],
  ] as readonly (readonly [string, Draw, number, number])[])('%s: by theory', (_, draw, delayMs, expected) => {
    expect(Math.abs(curveOf(draw, SAMPLES).lateTime().savedAt(delayMs).share - expected)).toBeLessThan(0.02);
  });

  it.each([
    ['reference', reference, 9],
    ['lognormal 5 ± 2', lognormal(5, 2), 7.8],
    ['lognormal 5 ± 3', lognormal(5, 3), 9],
  ] as const)('%s: by trying, within the standard error', (_, draw, delayMs) => {
    const random = seeded(9);
    let [left, saved] = [0, 0];
    for (let call = 0; call < 400_000; call++) {
      const leftMs = draw(random) - delayMs;
      if (leftMs <= 0) continue;
      left += leftMs;
      saved += Math.max(0, leftMs - draw(random));
    }
    const { share, error } = curveOf(draw, SAMPLES).lateTime().savedAt(delayMs);
    expect(error).toBeLessThan(0.02);
    expect(Math.abs(share - saved / left)).toBeLessThan(3 * error + 0.01);
  });

  it('is known the better the more samples there are', () => {
    const error = (samples: number): number => curveOf(reference, samples).lateTime().savedAt(9).error;
    expect(error(100 * 400) / error(400)).toBeLessThan(0.15);
  });

  it('is nothing where nothing is left', () => {
    expect(curveOf(narrow, 1_000).lateTime().savedAt(1e6)).toEqual({ share: 0, error: 0, savedMs: 0 });
  });
});

it.each([['exponential', exponentialMs, 10], ['reference', reference, 7.25]] as const)('the mean time of a request is known: %s', (_, draw, expected) => {
  expect(curveOf(draw, SAMPLES).lateTime().meanMs / expected).toBeCloseTo(1, 1);
});

describe('a trigger', () => {
  const rule = (more: Partial<TriggerRule> = {}): TriggerRule => ({ name: 'default', quantile: 0.91, minMs: 1, maxMs: Infinity, worth: 0.2, ...more });

  function decided(draw: Draw, more: Partial<TriggerRule> = {}, samples = SAMPLES): Trigger {
    const trigger = new Trigger(rule(more), undefined);
    const curve = curveOf(draw, samples);
    trigger.renew(curve, curve.quantile(0.91) ?? NaN, samples);
    return trigger;
  }

  it('is the quantile where a copy saves enough', () => {
    const { isWorthIt, delayMs } = decided(reference);
    expect(isWorthIt).toBe(true);
    expect(delayMs).toBeCloseTo(curveOf(reference, SAMPLES).quantile(0.91) ?? NaN);
  });

  it('sends nothing where it does not, but knows when it would', () => {
    const { isWorthIt, delayMs } = decided(narrow);
    expect(isWorthIt).toBe(false);
    expect(delayMs).toBeCloseTo(curveOf(narrow, SAMPLES).quantile(0.91) ?? NaN);
  });

  it('waits for the first later delay where it does', () => {
    // One in fifty takes ten times as long: soon after the quantile nearly all of the late are about to end.
    const late: Draw = (random) => narrow(random) * (random() < 0.001 ? 10 : 1);
    const { isWorthIt, delayMs = NaN } = decided(late, { worth: 0.6 });
    expect(isWorthIt).toBe(true);
    expect(delayMs).toBeGreaterThan(5.7);
    expect(delayMs).toBeLessThan(8);
    expect(decided(late, { worth: 0.6, maxMs: 5.8 }).isWorthIt).toBe(false);
  });

  it('keeps to its limits', () => {
    expect(decided(reference, { minMs: 20 }).delayMs).toBe(20);
    expect(decided(reference, { maxMs: 6 }).delayMs).toBe(6);
    expect(decided(narrow, { worth: 0 })).toMatchObject({ isWorthIt: true });
  });

  it('takes a tail that is not known to be worth it', () => {
    expect(decided(narrow, {}, 112).isWorthIt).toBe(false);
    const trigger = new Trigger(rule({ minMs: 50 }), undefined);
    trigger.renew(curveOf(narrow, 112), 5.7, 112);
    expect(trigger).toMatchObject({ isWorthIt: true, delayMs: 50 });
    expect(new Trigger(rule({ minMs: 20 }), 7)).toMatchObject({ isWorthIt: true, delayMs: 20 });
    expect(new Trigger(rule(), undefined).delayMs).toBeUndefined();
  });

  it('changes its mind at once for a new tail, and for want of one only after two thousand samples more without than with it', () => {
    const trigger = decided(narrow);
    const renew = (draw: Draw, fresh: number): boolean => {
      const curve = curveOf(draw, SAMPLES);
      trigger.renew(curve, curve.quantile(0.91) ?? NaN, fresh);
      return trigger.isWorthIt;
    };
    expect(renew(reference, 1)).toBe(true);
    expect([renew(narrow, 1_000), renew(narrow, 999), renew(narrow, 1)]).toEqual([true, true, false]);
    expect(renew(reference, 1)).toBe(true);
    expect([renew(narrow, 1_999), renew(reference, 500), renew(narrow, 500), renew(narrow, 1)]).toEqual([true, true, true, false]);
  });

  it.each([
    [0.25, 0.026, false],
    [0.25, 0.024, true],
    [0.19, 0, false],
  ])('begins again only beyond chance: at %d ± %d %s', (share, error, expected) => {
    const trigger = decided(narrow);
    const curve = { identifiedUpToMs: 100, lateTime: () => ({ savedAt: () => ({ share, error }) }) };
    trigger.renew(curve as unknown as SurvivalCurve, 9, 100);
    expect(trigger.isWorthIt).toBe(expected);
  });

  it('waits for a later delay only beyond chance', () => {
    const trigger = decided(reference);
    const at = (error: number) => ({ identifiedUpToMs: 100, lateTime: () => ({ savedAt: (ms: number) => (ms < 20 ? { share: 0.1, error: 0 } : { share: 0.3, error }) }) });
    trigger.renew(at(0.04) as unknown as SurvivalCurve, 9, 100);
    expect(trigger.delayMs).toBeGreaterThanOrEqual(20);
    expect(trigger.delayMs).toBeLessThan(21);
    const other = new Trigger(rule(), undefined);
    other.renew(at(0.06) as unknown as SurvivalCurve, 9, 100);
    expect(other.isWorthIt).toBe(false);
  });
});

describe('a route without a tail', () => {
  function world(draw: Draw, callsPerSecond = 1_000, seed = 1): World {
    const random = seeded(seed);
    return new World({ seed, callsPerSecond, latencyMs: () => draw(random) });
  }

  it.each([
    ['lognormal 5 ± 0.5', narrow],
    ['lognormal 5 ± 2', lognormal(5, 2)],
    ['normal 100 ± 10', (random) => 100 + 10 * normal(random)],
    ['uniform 20 to 30', (random) => 20 + 10 * random()],
  ] as readonly (readonly [string, Draw])[])('is not hedged: %s', (_, draw) => {
    const narrowWorld = world(draw);
    narrowWorld.run(30_000);
    expect(narrowWorld.hedges).toBeLessThan(30);
    expect(narrowWorld.hedger.routes()).toMatchObject([{ delayMs: undefined, isPaused: true, pauseReason: 'no_gain' }]);
    // Those that were late, and only they.
    expect(narrowWorld.hedger.stats().suppressions.no_gain / 30_000).toBeCloseTo(0.09, 1);
  });

  it.each([1_000, 10])('is within 500 calls when it gets one, at %d calls a second', (callsPerSecond) => {
    let isNarrow = true;
    const random = seeded(3);
    const changing = new World({ callsPerSecond, latencyMs: () => narrow(random) * (!isNarrow && random() < 0.05 ? 10 : 1) });
    changing.run(20_000);
    const before = changing.hedges;
    isNarrow = false;
    expect(changing.run(500, () => changing.hedges > before)).toBeLessThan(500);
  });

  it.each([2, 1_000])('changes its mind less than once in a thousand calls where that is doubtful, at %d calls a second', (callsPerSecond) => {
    const doubtful = world(lognormal(5, 2.5), callsPerSecond, 5);
    let changes = 0;
    let was: string | undefined;
    for (let look = 0; look < 1_500; look++) {
      doubtful.run(20);
      const now = doubtful.hedger.routes()[0]?.pauseReason;
      if (now !== was) changes++;
      was = now;
    }
    expect(changes).toBeLessThanOrEqual(30);
  });

  it('says so to late calls alone', async () => {
    const clock = new FakeClock();
    const hedger = new Hedger({ clock });
    const call = async (ms: number): Promise<unknown> => {
      const outcome = hedger.run({ request: { method: 'GET', url: 'http://a.test/' }, start: () => new Promise((resolve) => void clock.setTimeout(() => resolve({}), ms)) });
      await clock.advance(ms);
      return hedgeInfo(await outcome);
    };
    for (let sample = 0; sample < 150; sample++) await call(40 + (sample % 3));
    expect(await call(40)).toMatchObject({ suppressionReason: undefined, delayMs: undefined, attempts: 1 });
    expect(await call(45)).toMatchObject({ suppressionReason: 'no_gain', delayMs: undefined, attempts: 1 });
  });
});
