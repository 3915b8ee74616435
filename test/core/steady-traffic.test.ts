import { describe, expect, it } from '@jest/globals';
import { drive, referenceLatency, seeded, type TrafficResult } from './traffic.js';
import type { HedgerOptions } from '@hedgerow/core';

const steady = { calls: 20_000, warmupCalls: 5_000, callsPerSecond: 1_000 };
/** One call in a thousand says little of fewer. */
const forTails = { calls: 40_000 };

function reference(options: HedgerOptions, seed = 1, size: Partial<typeof steady> = {}): Promise<TrafficResult> {
  const latency = referenceLatency(seeded(seed));
  return drive({ ...steady, ...size, ...options, script: () => ({ ms: latency() }) });
}

describe('steady traffic on the reference workload, in virtual time', () => {
  it.each([1, 2])('hedges 10 % ± 1 point at quantile 0.9 with budget to spare, losers aborted (seed %d)', async (seed) => {
    const result = await reference({ delay: { quantile: 0.9 }, budget: { ratio: 1 } }, seed);
    expect(result.hedgesPerCall).toBeGreaterThan(0.09);
    expect(result.hedgesPerCall).toBeLessThan(0.11);
  });

  it('hedges 5 % ± 0.5 points at quantile 0.95', async () => {
    const result = await reference({ delay: { quantile: 0.95 }, budget: { ratio: 1 } });
    expect(result.hedgesPerCall).toBeGreaterThan(0.045);
    expect(result.hedgesPerCall).toBeLessThan(0.055);
  });

  it('under the defaults refuses fewer than 0.2 % of due hedges and costs no tail', async () => {
    const defaults = await reference({ budget: undefined }, 1, forTails);
    const unlimited = await reference({ delay: { quantile: 0.91 }, budget: false }, 1, forTails);
    expect(defaults.refusedShare).toBeLessThan(0.002);
    expect(defaults.hedgesPerCall).toBeLessThan(0.1);
    expect(Math.abs(defaults.quantile(0.999) / unlimited.quantile(0.999) - 1)).toBeLessThan(0.05);
    expect(defaults.quantile(0.99)).toBeLessThan(18);
  });

  it('is not dragged into hedging more by fast errors', async () => {
    const random = seeded(3);
    const latency = referenceLatency(random);
    const result = await drive({
      ...steady,
      delay: { quantile: 0.9 },
      budget: { ratio: 1 },
      script: (attempt) => (attempt === 0 && random() < 0.5 ? { ms: 1, status: 500 } : { ms: latency() }),
    });
    expect(result.hedgesPerCall).toBeLessThan(0.11);
  });
});
