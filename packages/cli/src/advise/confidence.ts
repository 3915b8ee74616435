import { kaplanMeier, type SurvivalCurve } from '@hedgerow/core/policy';
import { normal, seededRandom, type Random } from '../simulate/random.js';
import { binomialRange } from './binomial.js';
import type { Histogram } from './histogram.js';
import { defaultPolicy, quantileWith } from './predict.js';

/** In milliseconds; `undefined` where a bound lies beyond all that was seen. */
export interface Interval {
  readonly lowMs: number | undefined;
  readonly highMs: number | undefined;
}

/** How often the sample is drawn anew. */
const RESAMPLES = 400;
/** Above this mean a Poisson count is as good as normal. */
const MOST_COUNTED = 30;

/**
 * Where the true quantile lies with 95 % confidence, by order statistics: the number of samples above it is binomial. That holds
 * for any distribution, but for independent samples.
 *
 * @param gridMs - bounds of the input's own buckets, within which it says nothing.
 */
export function quantileInterval(curve: SurvivalCurve, count: number, quantile: number, gridMs: readonly number[] | undefined): Interval {
  const { low, high } = binomialRange(count, 1 - quantile);
  const at = (above: number): number | undefined => curve.quantile(1 - above / count);
  const lowMs = at(Math.min(high + 1, count));
  const highMs = low >= 1 ? at(low) : undefined;
  if (gridMs === undefined) return { lowMs, highMs };
  return {
    lowMs: gridMs.findLast((boundMs) => boundMs < (lowMs ?? 0)) ?? 0,
    highMs: highMs === undefined ? undefined : gridMs.find((boundMs) => boundMs >= highMs),
  };
}

/**
 * Where p99 under the default options lies with 95 % confidence, by the bootstrap: every bucket's count is drawn anew, from a
 * Poisson distribution around what was counted, and the prediction made anew.
 */
export function predictionInterval(histogram: Histogram, seed: number): Interval {
  const random = seededRandom(seed, 1);
  const resampled = Array.from({ length: RESAMPLES }, () => {
    const curve = kaplanMeier({ ...histogram, events: resample(histogram.events, random), censored: resample(histogram.censored, random) });
    return quantileWith(defaultPolicy(curve)?.hedges ?? [], curve, 0.99) ?? Infinity;
  }).sort((a, b) => a - b);
  const at = (share: number): number | undefined => {
    const ms = resampled[Math.floor(share * (RESAMPLES - 1))];
    return ms === Infinity ? undefined : ms;
  };
  return { lowMs: at(0.025), highMs: at(0.975) };
}

function resample(counts: Float64Array, random: Random): Float64Array {
  return counts.map((count) => (count === 0 ? 0 : poisson(count, random)));
}

function poisson(mean: number, random: Random): number {
  if (mean > MOST_COUNTED) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const floor = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > floor; product *= random()) count++;
  return count;
}
