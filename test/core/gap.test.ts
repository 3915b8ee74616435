import { describe, expect, it } from '@jest/globals';
import { quantileBeforeGap } from '#core/latency/gap.js';
import { kaplanMeier } from '#core/latency/kaplan-meier.js';
import type { SurvivalCurve } from '#core/latency/survival-curve.js';
import { LatencyWindow } from '#core/latency/window.js';
import { seeded } from './traffic.js';

const COUNT = 5_000;

/** The curve of so many draws. */
function curveOf(draw: (index: number) => number, count: number = COUNT): SurvivalCurve {
  const window = new LatencyWindow(60_000, 6);
  for (let index = 0; index < count; index++) window.record(draw(index), false, 0);
  return kaplanMeier(window.counts(0));
}

function chance(seed: number): { readonly uniform: () => number; readonly normal: () => number } {
  const uniform = seeded(seed);
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()) };
}

/** 15 ± 3 ms, or 200 ± 25 ms. */
function twoHumps(seed: number, slowShare: number, count?: number): SurvivalCurve {
  const { uniform, normal } = chance(seed);
  return curveOf(() => Math.max(1, uniform() < slowShare ? 200 + 25 * normal() : 15 + 3 * normal()), count);
}

const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

describe('a quantile at the edge of a gap', () => {
  it.each([50, 300, 5_000])('lies on the near side, wherever chance puts the share among %i samples', (count) => {
    const found = seeds.map((seed) => {
      const curve = twoHumps(seed, 0.2, count);
      return { plain: curve.quantile(0.8) ?? NaN, near: quantileBeforeGap(curve, 0.8, count) ?? NaN };
    });
    expect(found.filter(({ plain }) => plain > 100).length).toBeGreaterThan(8);
    for (const { near } of found) expect(near).toBeLessThan(36);
  });

  it('costs hardly more hedges than the quantile does', () => {
    for (const seed of seeds) {
      const curve = twoHumps(seed, 0.2);
      expect(curve.runningAt(quantileBeforeGap(curve, 0.8, COUNT) ?? NaN)).toBeLessThan(0.8 * 0.01 + 0.2 + 3 * Math.sqrt(0.16 / COUNT));
    }
  });

  it('is taken at its word where the share is surely another', () => {
    for (const seed of seeds) expect(quantileBeforeGap(twoHumps(seed, 0.25), 0.8, COUNT)).toBeGreaterThan(100);
  });

  it('finds the gap although a few requests end in it', () => {
    const { uniform } = chance(3);
    const curve = curveOf((index) => (index % 1_000 === 0 ? 30 + 90 * uniform() : index % 5 === 1 ? 150 + 100 * uniform() : 5 + 15 * uniform()));
    expect(quantileBeforeGap(curve, 0.8, COUNT)).toBeLessThan(36);
  });

  it('is unknown where the curve never gets so far', () => {
    const window = new LatencyWindow(60_000, 6);
    for (let index = 0; index < 100; index++) window.record(10, index % 2 === 0, 0);
    expect(quantileBeforeGap(kaplanMeier(window.counts(0)), 0.9, 100)).toBeUndefined();
  });
});

describe('a quantile of a smooth distribution', () => {
  it.each<readonly [string, (seed: number) => () => number]>([
    ['lognormal', (seed) => { const { normal } = chance(seed); return () => Math.exp(2 + 0.4 * normal()); }],
    ['exponential', (seed) => { const { uniform } = chance(seed); return () => -10 * Math.log(1 - uniform()); }],
    ['Pareto, with no variance', (seed) => { const { uniform } = chance(seed); return () => 5 / (1 - uniform()); }],
    ['lognormal with stragglers', (seed) => { const { uniform, normal } = chance(seed); return () => Math.exp(1.5 + 0.4 * normal()) * (uniform() < 0.05 ? 10 : 1); }],
  ])('stays what it is: %s', (_name, drawOf) => {
    for (const [quantile, count] of [[0.8, 50], [0.9, 1_000], [0.91, 5_000], [0.99, 1_000]] as const) {
      for (const seed of seeds.slice(0, 10)) {
        const curve = curveOf(drawOf(seed), count);
        expect(quantileBeforeGap(curve, quantile, count)).toBe(curve.quantile(quantile));
      }
    }
  });
});
