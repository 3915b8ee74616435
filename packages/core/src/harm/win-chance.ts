import type { BucketCounts } from '../latency/kaplan-meier.js';

/** Fewer primaries than this say too little. */
const LEAST_SAMPLES = 100;

/**
 * The chance that a hedge sent after `delayMs` overtakes a primary that still runs then, if the two are independent:
 * `∫ F(s − d) dF(s) / S(d)` over s > d, with F the distribution of primaries (Kaplan–Meier) and S = 1 − F.
 *
 * Primaries in the tail that the samples do not identify are taken to end where it begins. They take longer in truth, and
 * their hedges have more time, so this is a lower bound.
 *
 * @returns `undefined` if the samples are too few, or say nothing of what lies beyond the delay.
 */
export function winChance(counts: BucketCounts, delayMs: number): number | undefined {
  const survival = survivalAfter(counts);
  if (survival === undefined) return undefined;
  const running = shareRunning(counts, survival, delayMs);
  if (running <= 0) return undefined;
  let overtaken = 0;
  let before = 1;
  let last = delayMs;
  for (let index = 0; index < survival.length; index++) {
    const after = survival[index] ?? before;
    const endMs = middle(counts, index);
    if (endMs > delayMs && before > after) {
      last = endMs;
      overtaken += (Math.min(before, running) - after) * (1 - shareRunning(counts, survival, endMs - delayMs));
    }
    before = after;
  }
  overtaken += Math.min(before, running) * (1 - shareRunning(counts, survival, last - delayMs));
  return Math.min(1, overtaken / running);
}

/** The share still running at the end of each bucket; buckets are as in {@link BucketCounts}. */
function survivalAfter({ events, censored, length }: BucketCounts): Float64Array | undefined {
  let atRisk = 0;
  for (let index = 0; index < length; index++) atRisk += (events[index] ?? 0) + (censored[index] ?? 0);
  if (atRisk < LEAST_SAMPLES) return undefined;
  const survival = new Float64Array(length);
  let share = 1;
  for (let index = 0; index < length; index++) {
    const ended = events[index] ?? 0;
    const cut = censored[index] ?? 0;
    const exposed = atRisk - cut / 2;
    if (ended > 0 && exposed > 0) share *= Math.max(0, 1 - ended / exposed);
    survival[index] = share;
    atRisk -= ended + cut;
  }
  return survival;
}

function shareRunning({ firstBucket, gamma, length }: BucketCounts, survival: Float64Array, atMs: number): number {
  if (atMs <= 0) return 1;
  const index = Math.ceil(Math.log(atMs) / Math.log(gamma)) - firstBucket;
  if (index < 0) return 1;
  return survival[Math.min(index, length - 1)] ?? 0;
}

function middle({ firstBucket, gamma }: BucketCounts, index: number): number {
  return gamma ** (firstBucket + index - 0.5);
}
