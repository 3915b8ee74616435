import { describe, expect, it } from '@jest/globals';
import type { Second, Stream } from '#bench/support/open-loop.js';
import { backAfter, sumSeconds, worstBurst } from '#bench/support/series.js';

/** Seconds of a hundred calls with so many hedges each. */
function seconds(...hedges: readonly number[]): Second[] {
  return hedges.map((count) => ({ calls: 100, hedges: count, due: 2 * count, budgetLimit: 50 }));
}

function stream(callsAtMs: readonly number[], hedgesAtMs: readonly number[], of: Second[] = []): Stream {
  const calls = callsAtMs.map((atMs) => ({ atMs, latencyMs: 1 }));
  return { policy: 'p', lane: 'p-0', hedgerOptions: {}, calls, hedgesAtMs: [...hedgesAtMs], seconds: of };
}

const repeat = (count: number, hedges: number): number[] => new Array<number>(count).fill(hedges);

describe('a hedge rate', () => {
  const change = { from: 0, end: 40, steady: 0.1, within: 0.02 };

  it('is back once every later window is near', () => {
    expect(backAfter(seconds(...repeat(8, 30), ...repeat(32, 10)), 'hedges', change)).toBe(8);
  });

  it('is not back while it only passes by', () => {
    expect(backAfter(seconds(...repeat(5, 30), ...repeat(5, 10), ...repeat(5, 0), ...repeat(25, 10)), 'hedges', change)).toBe(15);
  });

  it('may never be back', () => {
    expect(backAfter(seconds(...repeat(40, 30)), 'hedges', change)).toBe(Infinity);
  });

  it('is asked of the seconds before the end alone', () => {
    const returned = [...repeat(20, 30), ...repeat(20, 10)];
    expect(backAfter(seconds(...returned), 'hedges', { ...change, end: 25 })).toBe(Infinity);
  });

  it('may be that of hedges due', () => {
    expect(backAfter(seconds(...repeat(20, 5)), 'due', { ...change, end: 20 })).toBe(0);
  });

  it('is that of several streams together', () => {
    const total = sumSeconds([stream([], [], seconds(1, 2)), stream([], [], seconds(3, 4))]);
    expect(total).toEqual([
      { calls: 200, hedges: 4, due: 8, budgetLimit: 100 },
      { calls: 200, hedges: 6, due: 12, budgetLimit: 100 },
    ]);
  });
});

describe('the worst burst', () => {
  it('counts hedges beyond the ratio in the worst window', () => {
    const calls = Array.from({ length: 60 }, (_, index) => index * 5);
    // Three at once after thirty-six calls; the two before lie too far back to be part of it.
    expect(worstBurst(stream(calls, [5, 15, 195, 196, 197]), 0.1)).toBeCloseTo(3);
  });

  it('takes off what the calls between the hedges bring', () => {
    expect(worstBurst(stream([0, 10, 20, 30, 40], [1, 11, 21]), 0.25)).toBeCloseTo(1 + 0.75 + 0.75);
  });

  it('is nothing without hedges', () => {
    expect(worstBurst(stream([0, 1], []), 0.1)).toBe(0);
  });
});
