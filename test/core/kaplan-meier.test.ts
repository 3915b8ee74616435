import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { kaplanMeier } from '#core/latency/kaplan-meier.js';
import { LatencyWindow } from '#core/latency/window.js';

interface Sample {
  readonly ms: number;
  readonly isCensored: boolean;
}

function curveOf(samples: readonly Sample[]): ReturnType<typeof kaplanMeier> {
  const window = new LatencyWindow(60_000, 6);
  for (const { ms, isCensored } of samples) window.record(ms, isCensored, 0);
  return kaplanMeier(window.counts(0));
}

/** Kaplan and Meier's own product over single samples: an event comes before what is censored at the same time. */
function exactRunningAt(samples: readonly Sample[], ms: number): number {
  const sorted = [...samples].sort((a, b) => a.ms - b.ms || Number(a.isCensored) - Number(b.isCensored));
  return sorted.reduce((running, sample, index) => {
    return sample.ms <= ms && !sample.isCensored ? running * (1 - 1 / (sorted.length - index)) : running;
  }, 1);
}

const times = fc.double({ min: 0.5, max: 20_000, noNaN: true });
/** A bucket's bounds differ by 2 %, and the sketch may take one for the other at a bound. */
const BUCKET = 1.0203;

describe('the Kaplan–Meier curve over sketches', () => {
  it('has the quantiles of uncensored samples within the sketch’s error', () => {
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 60 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (values, quantile) => {
        const curve = curveOf(values.map((ms) => ({ ms, isCensored: false })));
        const sorted = [...values].sort((a, b) => a - b);
        const exact = sorted[Math.ceil(quantile * values.length - 1e-9) - 1] ?? NaN;
        const estimate = curve.quantile(quantile) ?? NaN;
        return estimate > exact / BUCKET && estimate < exact * BUCKET;
      }),
      { numRuns: 10_000 },
    );
  });

  it('lies between the exact curve a bucket earlier and a bucket later, whatever is censored', () => {
    // Within a bucket the order is lost, so the samples are two buckets apart.
    const time = fc.nat({ max: 260 }).map((step) => 0.5 * BUCKET ** (2 * step));
    const samples = fc.uniqueArray(fc.record({ ms: time, isCensored: fc.boolean() }), { minLength: 1, maxLength: 60, selector: ({ ms }) => ms });
    fc.assert(
      fc.property(samples, times, (all, ms) => {
        const running = curveOf(all).runningAt(ms);
        return running <= exactRunningAt(all, ms / BUCKET) + 1e-9 && running >= exactRunningAt(all, ms * BUCKET) - 1e-9;
      }),
      { numRuns: 10_000 },
    );
  });

  it('counts what is censored in a bucket as at risk for half of it', () => {
    const curve = kaplanMeier({ firstBucket: 100, events: [100, 50], censored: [100, 0], length: 2, gamma: 1.02 });
    expect(curve.runningAt(1.02 ** 100)).toBeCloseTo(1 - 100 / (250 - 50), 9);
    expect(curve.runningAt(1.02 ** 101)).toBe(0);
  });

  it('inverts itself', () => {
    const curve = curveOf(Array.from({ length: 1_000 }, (_, index) => ({ ms: 1 + index, isCensored: index % 7 === 0 })));
    for (const quantile of [0.1, 0.5, 0.9, 0.99]) expect(curve.runningAt(curve.quantile(quantile) ?? 0)).toBeCloseTo(1 - quantile, 6);
  });

  it('is identified as far as ten samples still ran, and never gives a quantile it does not reach', () => {
    const events = Array.from({ length: 100 }, (_, index) => ({ ms: 10 + index / 10, isCensored: false }));
    const censored = Array.from({ length: 100 }, () => ({ ms: 20, isCensored: true }));
    const later = Array.from({ length: 9 }, (_, index) => ({ ms: 100 + index, isCensored: false }));
    const curve = curveOf([...events, ...censored, ...later]);
    expect(curve.identifiedUpToMs).toBeGreaterThan(19);
    expect(curve.identifiedUpToMs).toBeLessThan(21);
    expect(curveOf(censored).quantile(0.5)).toBeUndefined();
    expect(curveOf([]).quantile(0.5)).toBeUndefined();
    expect(curveOf(later).identifiedUpToMs).toBe(0);
  });
});
