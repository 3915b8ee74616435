import { describe, expect, it } from '@jest/globals';
import { bestWithinLoad } from '#bench/support/theory.js';
import { latencySequence } from '#cli/cluster/latency.js';
import { quantile, sorted } from '#cli/demo/percentiles.js';

/** A large sample of the reference workload. */
const sequence = latencySequence(7);
const latencies = sorted(Float64Array.from({ length: 100_000 }, (_, call) => sequence(0, call)));

describe('the best that one hedge per call can do', () => {
  // Exact evaluation of the reference workload (Kaler et al., SPAA 2017): p99 for 2, 5 and 10 % more requests.
  it.each([
    [0.02, 48.7],
    [0.05, 20.5],
    [0.1, 15.5],
  ])('for %d hedges per call has p99 %d', (load, expected) => {
    const best = bestWithinLoad(latencies, 0.99, load);
    expect(Math.abs(best.ms / expected - 1)).toBeLessThan(0.03);
  });

  it('spends no more than it may', () => {
    const { delayMs, probability } = bestWithinLoad(latencies, 0.99, 0.05);
    const due = latencies.filter((ms) => ms > delayMs).length / latencies.length;
    expect(probability * due).toBeLessThanOrEqual(0.05);
  });

  it('is the percentile itself if nothing may be spent', () => {
    expect(bestWithinLoad(latencies, 0.99, 0).ms).toBeCloseTo(quantile(latencies, 0.99), 1);
  });
});
