import type { HedgerOptions } from '@hedgerow/core';
import { Stage, type Script } from './stage.js';

/** A small seeded generator (mulberry32), uniform in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The reference workload: lognormal, mean 5 ms, standard deviation 2 ms, and 5 % of requests ten times slower. */
export function referenceLatency(random: () => number): () => number {
  const variance = Math.log(1 + (2 / 5) ** 2);
  const mean = Math.log(5) - variance / 2;
  return () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.exp(mean + Math.sqrt(variance) * normal) * (random() < 0.05 ? 10 : 1);
  };
}

export interface TrafficOptions extends HedgerOptions {
  readonly calls: number;
  /** Calls at the beginning that count for nothing. */
  readonly warmupCalls: number;
  readonly callsPerSecond: number;
  /** What each attempt does. */
  readonly script: (attempt: number) => Script;
}

export interface TrafficResult {
  /** Hedges per call after warm-up. */
  readonly hedgesPerCall: number;
  /** Refused hedges per hedge that was due, after warm-up. */
  readonly refusedShare: number;
  /** A quantile of the calls' durations after warm-up. */
  readonly quantile: (quantile: number) => number;
}

/** Steady traffic through a real Hedger in virtual time. */
export async function drive({ calls, warmupCalls, callsPerSecond, script, ...options }: TrafficOptions): Promise<TrafficResult> {
  const durations: number[] = [];
  const stage = new Stage({ ...options, onComplete: ({ durationMs }) => void durations.push(durations.length < warmupCalls ? 0 : durationMs) });
  const { clock, hedger } = stage;
  const maxHedges = options.maxHedges ?? 1;
  const begin = (): void => void stage.run(Array.from({ length: maxHedges + 1 }, (_, attempt) => script(attempt)));
  const gapMs = 1_000 / callsPerSecond;
  let before = hedger.stats();
  for (let call = 0; call < calls; call++) {
    if (call === warmupCalls) before = hedger.stats();
    begin();
    await clock.advance(gapMs);
    stage.forget();
  }
  await clock.advance(10_000);
  const after = hedger.stats();
  const hedges = after.attempts.hedge - before.attempts.hedge;
  const refused = after.suppressions.budget_exhausted - before.suppressions.budget_exhausted;
  const sorted = durations.slice(warmupCalls).sort((a, b) => a - b);
  return {
    hedgesPerCall: hedges / (calls - warmupCalls),
    refusedShare: refused / Math.max(1, hedges + refused),
    quantile: (quantile) => sorted[Math.ceil(quantile * sorted.length) - 1] ?? NaN,
  };
}
