import { kaplanMeier } from '@hedgerow/core/policy';
import { addCounts, bucketAbove, emptyHistogram, total } from './histogram.js';
import type { Latencies } from './read/latencies.js';

/** Quantiles of a stretch of the input. */
export interface Stretch {
  /** Where its end lies in the input, 0 to 1. */
  readonly end: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number | undefined;
}

/** What the order of the input shows. */
export interface Order {
  readonly stretches: readonly Stretch[];
  /**
   * How much more a slow latency makes its neighbour slow than chance would, 0 to 1: what the probability of a shared fate would
   * be if a copy were as close to its primary as one request to the next.
   */
  readonly neighbourCorrelation: number | undefined;
  /** The share of slow latencies in good stretches and in bad ones, where that is more than chance; slow is above the p90 of all. */
  readonly unevenness: { readonly least: number; readonly most: number } | undefined;
}

/** A stretch must have as many latencies for its p90, and for its p99. */
const LEAST_FOR_P90 = 100;
const LEAST_FOR_P99 = 1_000;
const LEAST_STRETCHES = 8;
const SLOW_SHARE = 0.1;
/** Variance over that of independent samples from which on stretches differ by more than chance. */
const LEAST_DISPERSION = 3;
/** Fewer slow latencies than this say nothing of their neighbours. */
const LEAST_SLOW = 50;

export function orderOf(latencies: Latencies): Order {
  return {
    stretches: stretchesOf(latencies),
    neighbourCorrelation: neighbourCorrelation(latencies),
    unevenness: unevenness(latencies),
  };
}

function stretchesOf({ blocks, count }: Latencies): Stretch[] {
  // As many as a p99 needs, if that leaves enough stretches to compare.
  const size = Math.max(LEAST_FOR_P90, Math.min(LEAST_FOR_P99, count / LEAST_STRETCHES));
  const stretches: Stretch[] = [];
  const counts = emptyHistogram().events;
  let seen = 0;
  for (const block of blocks) {
    addCounts(counts, block);
    if (total(counts) < size) continue;
    const samples = total(counts);
    seen += samples;
    const curve = kaplanMeier({ ...emptyHistogram(), events: counts });
    const [p50Ms, p90Ms, p99Ms] = [0.5, 0.9, 0.99].map((quantile) => curve.quantile(quantile));
    stretches.push({ end: seen / count, p50Ms: p50Ms ?? 0, p90Ms: p90Ms ?? 0, p99Ms: samples >= LEAST_FOR_P99 ? p99Ms : undefined });
    counts.fill(0);
  }
  return stretches;
}

function neighbourCorrelation({ neighbours }: Latencies): number | undefined {
  if (neighbours === undefined || neighbours.slow * neighbours.compared < LEAST_SLOW) return undefined;
  const { slow, slowAfterSlow } = neighbours;
  return slow < 1 ? Math.max(0, (slowAfterSlow - slow) / (1 - slow)) : undefined;
}

function unevenness({ blocks, histogram }: Latencies): Order['unevenness'] {
  // The last one may be shorter.
  const whole = blocks.slice(0, -1);
  if (whole.length < LEAST_STRETCHES) return undefined;
  const slowFrom = bucketAbove(histogram.events, SLOW_SHARE);
  const size = total(whole[0] ?? []);
  const shares = whole.map((block) => total(block.subarray(slowFrom)) / size).sort((a, b) => a - b);
  const mean = total(shares) / shares.length;
  const variance = total(shares.map((share) => (share - mean) ** 2)) / (shares.length - 1);
  if (!(variance / ((mean * (1 - mean)) / size) > LEAST_DISPERSION)) return undefined;
  const cut = Math.floor(shares.length / 10);
  return { least: shares[cut] ?? 0, most: shares.at(-1 - cut) ?? 1 };
}
