import { describe, expect, it } from '@jest/globals';
import type { HedgerOptions, HedgerStats } from '@hedgerow/core';
import { Stage } from './stage.js';
import { referenceLatency, seeded } from './traffic.js';

const delayMs = 10;

interface Truth {
  /** What hedging at `delayMs` saved, by the latencies that both attempts really had. */
  savedMs: number;
  wins: number;
  wastedMs: number;
}

/** The reference workload, a thousand calls a second, and what really became of it. */
async function traffic(options: HedgerOptions, calls = 8_000, seed = 7): Promise<{ stats: HedgerStats; truth: Truth }> {
  const latency = referenceLatency(seeded(seed));
  const stage = new Stage({ delay: delayMs, ...options });
  const truth: Truth = { savedMs: 0, wins: 0, wastedMs: 0 };
  for (let call = 0; call < calls; call++) {
    const [primary, hedge] = [latency(), latency()];
    void stage.run([{ ms: primary }, { ms: hedge }]);
    if (primary > delayMs + hedge) {
      truth.wins++;
      truth.savedMs += primary - delayMs - hedge;
      truth.wastedMs += delayMs + hedge;
    } else if (primary > delayMs) {
      truth.wastedMs += primary - delayMs;
    }
    await stage.clock.advance(1);
    stage.forget();
  }
  await stage.clock.advance(1_000);
  return { stats: stage.hedger.stats(), truth };
}

describe('savings', () => {
  it('are estimated from the primaries that were not cut short: rather too little', async () => {
    const ratios: number[] = [];
    for (const seed of [1, 2, 3]) {
      const { stats, truth } = await traffic({}, 8_000, seed);
      expect(stats.wins.hedge).toBe(truth.wins);
      expect(stats.savings.savedMsPerWin).toBeCloseTo(stats.savings.savedMs / truth.wins, 0);
      ratios.push(stats.savings.savedMs / truth.savedMs);
    }
    expect(Math.min(...ratios)).toBeGreaterThan(0.6);
    expect(Math.max(...ratios)).toBeLessThan(1.3);
    const mean = ratios.reduce((sum, ratio) => sum + ratio) / ratios.length;
    expect(mean).toBeGreaterThan(0.75);
    expect(mean).toBeLessThan(1);
  });

  it('set the work of losers against it', async () => {
    const { stats, truth } = await traffic({}, 2_000);
    expect(stats.savings.wastedMs / truth.wastedMs).toBeCloseTo(1, 1);
  });

  it('count a loser that was let to finish up to its own end', async () => {
    const stage = new Stage({ delay: 10, losers: 'drain' });
    void stage.run([{ ms: 100 }, { ms: 5 }]);
    await stage.clock.advance(50);
    expect(stage.hedger.stats().savings.wastedMs).toBe(0);
    await stage.clock.advance(100);
    expect(stage.hedger.stats().savings.wastedMs).toBe(100);
  });

  it('count nothing of the primary as wasted if the caller got its failure, or gave up', async () => {
    const stage = new Stage({ delay: 10 });
    void stage.run([{ ms: 100, status: 500 }, { ms: 50, status: 500 }]);
    await stage.clock.advance(200);
    expect(stage.hedger.stats().savings.wastedMs).toBe(50);
    const controller = new AbortController();
    void stage.run([{ ms: 100 }, { ms: 100 }], {}, { signal: controller.signal });
    await stage.clock.advance(30);
    controller.abort();
    await stage.clock.advance(30);
    expect(stage.hedger.stats().savings.wastedMs).toBe(70);
  });

  it('are nothing where a hedge won because its primary failed, and unknown while latencies are', async () => {
    const stage = new Stage({ delay: 10 });
    void stage.run([{ ms: 15, status: 500 }, { ms: 50 }]);
    void stage.run([{ ms: 150 }, { ms: 50 }]);
    await stage.clock.advance(200);
    expect(stage.hedger.stats()).toMatchObject({ wins: { hedge: 2 }, savings: { savedMs: 0, savedMsPerWin: undefined } });
  });

  it('assume nothing beyond what is known', async () => {
    const stage = new Stage({ delay: 10 });
    for (let call = 0; call < 200; call++) void stage.run([{ ms: 8 }]);
    await stage.clock.advance(20);
    void stage.run([{ ms: 1_000 }, { ms: 50 }]);
    await stage.clock.advance(2_000);
    // Nobody was seen to run for longer than that call, up to the width of its bucket.
    expect(stage.hedger.stats().savings.savedMsPerWin).toBeLessThan(1);
  });
});

describe('savings in shadow mode', () => {
  it('say how many hedges would have been sent and what they would have saved', async () => {
    const { stats, truth } = await traffic({ mode: 'shadow' });
    expect(stats.attempts.hedge).toBe(0);
    expect(stats.shadow.hedges).toBe(stats.suppressions.shadow);
    expect(stats.shadow.calls).toBe(stats.shadow.hedges);
    expect(stats.shadow.savedMs / truth.savedMs).toBeGreaterThan(0.93);
    expect(stats.shadow.savedMs / truth.savedMs).toBeLessThan(1.07);
    expect(stats.savings).toEqual({ savedMs: 0, savedMsPerWin: undefined, wastedMs: 0 });
  });

  it('count a second hedge as well', async () => {
    const one = await traffic({ mode: 'shadow' }, 3_000);
    const two = await traffic({ mode: 'shadow', delay: [delayMs, delayMs] }, 3_000);
    expect(two.stats.shadow).toMatchObject({ hedges: 2 * one.stats.shadow.hedges, calls: one.stats.shadow.calls });
    expect(two.stats.shadow.savedMs).toBeGreaterThan(1.02 * one.stats.shadow.savedMs);
    expect(two.stats.shadow.savedMs).toBeLessThan(1.3 * one.stats.shadow.savedMs);
  });
});
