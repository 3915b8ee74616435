import { SurvivalCurve } from './survival-curve.js';

/** Counts per logarithmic bucket: bucket k holds values in (gamma^(k−1), gamma^k]. */
export interface BucketCounts {
  /** The bucket number of index 0. */
  readonly firstBucket: number;
  /** Primaries that settled in each bucket. */
  readonly events: ArrayLike<number>;
  /** Primaries aborted in each bucket, whose own end is unknown. */
  readonly censored: ArrayLike<number>;
  /** How many buckets of the arrays are in use. */
  readonly length: number;
  /** Ratio of a bucket's bounds. */
  readonly gamma: number;
}

/** Samples beyond a point of the distribution, on average, for it to be trusted. */
const SAMPLES_BEYOND = 10;
/** 1 − 0.9 is a little less than 0.1. */
const ROUNDING = 1e-6;

/** How many samples a quantile needs before it is trusted. */
export function samplesNeeded(quantile: number): number {
  return Math.ceil(SAMPLES_BEYOND / (1 - quantile) - ROUNDING);
}

/**
 * The distribution of samples some of which were cut short (Kaplan & Meier, 1958, in its actuarial form: a bucket's
 * censored samples count as at risk for half of it). With S the share still running:
 * `S ← S · (1 − events / (atRisk − censored / 2))`. It is identified as far as ten samples were still running, which is what
 * {@link samplesNeeded} asks for where none was cut short.
 */
export function kaplanMeier(counts: BucketCounts): SurvivalCurve {
  const length = usedLength(counts);
  const atBounds = new Float64Array(length + 1);
  let atRisk = 0;
  for (let index = 0; index < length; index++) atRisk += at(counts.events, index) + at(counts.censored, index);
  const samples = atRisk;

  let survival = (atBounds[0] = 1);
  let identifiedBuckets = 0;
  for (let index = 0; index < length; index++) {
    if (atRisk >= SAMPLES_BEYOND) identifiedBuckets = index + 1;
    const events = at(counts.events, index);
    const censored = at(counts.censored, index);
    survival *= 1 - events / (atRisk - censored / 2);
    atBounds[index + 1] = survival;
    atRisk -= events + censored;
  }
  return new SurvivalCurve(atBounds, counts.firstBucket, counts.gamma, identifiedBuckets, samples);
}

/** Without the empty buckets at the end: nothing was seen to run that long. */
function usedLength({ events, censored, length }: BucketCounts): number {
  let used = length;
  while (used > 0 && at(events, used - 1) + at(censored, used - 1) === 0) used--;
  return used;
}

function at(numbers: ArrayLike<number>, index: number): number {
  return numbers[index] ?? 0;
}
