import { describe, expect, it } from '@jest/globals';
import type * as chances from '../../packages/core/src/harm/win-chance.js';
import type * as estimates from '../../packages/core/src/latency/kaplan-meier.js';
import type * as windows from '../../packages/core/src/latency/window.js';
import { internal } from './internal.js';
import { referenceLatency, seeded } from './traffic.js';

const { winChance } = (await import(internal('harm/win-chance.js'))) as typeof chances;
const { kaplanMeier } = (await import(internal('latency/kaplan-meier.js'))) as typeof estimates;
const { LatencyWindow } = (await import(internal('latency/window.js'))) as typeof windows;

/** Reference primaries; those that a hedge at `hedgedAtMs` beat are censored, as they are while hedging. */
function remembered(samples: number, hedgedAtMs = Infinity) {
  const latencyMs = referenceLatency(seeded(7));
  const window = new LatencyWindow(60_000, 6);
  for (let sample = 0; sample < samples; sample++) {
    const ms = latencyMs();
    const hedgeMs = hedgedAtMs + latencyMs();
    window.record(Math.min(ms, hedgeMs), hedgeMs < ms, 0);
  }
  return kaplanMeier(window.counts(0));
}

/** The same by trying. */
function tried(delayMs: number): number {
  const latencyMs = referenceLatency(seeded(8));
  let [wins, hedges] = [0, 0];
  for (let call = 0; call < 100_000; call++) {
    const primaryMs = latencyMs();
    if (primaryMs <= delayMs) continue;
    hedges++;
    if (delayMs + latencyMs() < primaryMs) wins++;
  }
  return wins / hedges;
}

describe('the chance that an independent hedge wins', () => {
  it.each([0, 5, 9, 17.5, 40])('at %d ms is that of trying', (delayMs) => {
    expect(Math.abs((winChance(remembered(40_000), delayMs) ?? 0) - tried(delayMs))).toBeLessThan(0.02);
  });

  it('is hardly less when hedges have cut the tail short, and never more', () => {
    const cut = winChance(remembered(40_000, 9), 9) ?? 0;
    expect(cut).toBeGreaterThan(tried(9) - 0.04);
    expect(cut).toBeLessThan(tried(9) + 0.02);
  });

  it('is unknown beyond what is identified', () => {
    expect(winChance(remembered(1_000), 1e6)).toBeUndefined();
    expect(winChance(remembered(5), 9)).toBeUndefined();
  });
});
