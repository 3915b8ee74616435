import { describe, expect, it } from '@jest/globals';
import type * as latency from '../../packages/cli/src/cluster/latency.js';
import type * as percentiles from '../../packages/cli/src/demo/percentiles.js';
import { internal } from './internal.js';

const { latencySequence } = (await import(internal('cluster/latency.js'))) as typeof latency;
const { quantile, quantileName, sorted } = (await import(internal('demo/percentiles.js'))) as typeof percentiles;

const draw = (sequence: latency.LatencySequence, count: number) =>
  Float64Array.from({ length: count }, (_, arrival) => sequence(arrival % 3, Math.floor(arrival / 3)));

describe('latency sequence', () => {
  // Not p95: just there the distribution is all but flat, and a percentile jumps about.
  it('is the reference workload: its percentiles are those of lognormal 5 ± 2 ms with 5 % stragglers', () => {
    const latencies = sorted(draw(latencySequence(1), 60_000));
    const mean = latencies.reduce((sum, value) => sum + value, 0) / latencies.length;
    expect(mean / (5 * 1.45)).toBeCloseTo(1, 1);
    for (const [q, expected] of [[0.5, 4.76], [0.9, 8.66], [0.99, 64.2], [0.999, 102]] as const) {
      const ratio = quantile(latencies, q) / expected;
      expect({ q, near: ratio > 0.96 && ratio < 1.04 }).toEqual({ q, near: true });
    }
  });

  it('depends on the seed, the backend and the arrival, on nothing else', () => {
    const [first, again, other] = [latencySequence(7), latencySequence(7), latencySequence(8)];
    again(0, 12);
    expect(again(2, 5)).toBe(first(2, 5));
    expect(draw(again, 100)).toEqual(draw(first, 100));
    expect(draw(other, 100)).not.toEqual(draw(first, 100));
    expect(first(0, 5)).not.toBe(first(1, 5));
  });

  it('gives neighbours independent fates: a straggler is not followed by another more often than chance has it', () => {
    const sequence = latencySequence(3, { sdMs: 0 });
    const slow = (backend: number, arrival: number) => sequence(backend, arrival) > 5.5;
    let alone = 0;
    let nextToo = 0;
    let otherToo = 0;
    for (let arrival = 0; arrival < 30_000; arrival++) {
      if (!slow(0, arrival)) continue;
      alone++;
      if (slow(0, arrival + 1)) nextToo++;
      if (slow(1, arrival)) otherToo++;
    }
    expect(alone / 30_000).toBeCloseTo(0.05, 2);
    expect(nextToo / alone).toBeCloseTo(0.05, 1);
    expect(otherToo / alone).toBeCloseTo(0.05, 1);
  });

  it.each([
    [{ meanMs: 0 }, 'latency.meanMs: expected a number from 0.01 to 3600000, got 0'],
    [{ sdMs: -1 }, 'latency.sdMs: expected a number from 0 to 3600000, got -1'],
    [{ stragglers: 5 }, 'latency.stragglers: expected a number from 0 to 1, got 5'],
    [{ slowdown: NaN }, 'latency.slowdown: expected a number from 1 to 1000000, got NaN'],
  ])('refuses %j', (options, message) => {
    expect(() => latencySequence(1, options)).toThrow(new RangeError(message));
  });
});

describe('percentiles', () => {
  it('take the nearest rank', () => {
    const hundred = sorted(Float64Array.from({ length: 100 }, (_, index) => 100 - index));
    expect([0.5, 0.9, 0.99, 0.999, 1].map((q) => quantile(hundred, q))).toEqual([50, 90, 99, 100, 100]);
    expect(quantile(sorted(Float64Array.of(3, 1, 2)), 0.5)).toBe(2);
    expect(quantile(sorted(new Float64Array(0)), 0.5)).toBeNaN();
  });

  it('sort by value and leave the original alone', () => {
    const latencies = Float64Array.of(10, 9, 100);
    expect([...sorted(latencies)]).toEqual([9, 10, 100]);
    expect([...latencies]).toEqual([10, 9, 100]);
  });

  it('have the names that people use', () => {
    expect([0.5, 0.95, 0.99, 0.999].map(quantileName)).toEqual(['p50', 'p95', 'p99', 'p99.9']);
  });
});
