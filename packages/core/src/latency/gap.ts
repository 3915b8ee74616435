import { samplesNeeded } from './kaplan-meier.js';
import type { Survival, SurvivalCurve } from './survival-curve.js';

/** Standard errors within which a share that was sampled may be off. */
const STANDARD_ERRORS = 3;
/** How many times longer the far side of a gap is, at least. */
const WIDTH = 2;
/** Of the requests that reach a gap at most this share ends in its near half. Smooth tails lose far more while time doubles. */
const MOST_WITHIN = 0.02;
/** How far into the gap to wait: of the fast requests some are a little slower than all that were sampled. */
const MARGIN = 1.2;
/** Candidates for the near side; a bucket apart. */
const STEP = 1.02;

/** {@link quantileBeforeGap}; `undefined` also where there are too few samples to trust it. */
export function trustedQuantile(curve: SurvivalCurve, quantile: number): number | undefined {
  const { samples } = curve;
  return samples < samplesNeeded(quantile) ? undefined : quantileBeforeGap(curve, quantile, samples);
}

/**
 * The time after which a hedge for a quantile is due: the quantile itself, unless a gap in the distribution lies right before it,
 * as where answers come from a cache or do not. Then chance decides on which side of the gap the sampled quantile falls (the share
 * is known only within its binomial standard error, √(q(1 − q) / n)), and a time soon behind the near side is taken: waiting across the gap saves next to
 * no hedges and costs all the time between. Where there is no gap nothing changes.
 *
 * @param samples - how many the curve was made of.
 * @returns milliseconds; `undefined` where the curve never gets so far.
 */
export function quantileBeforeGap(curve: Survival, quantile: number, samples: number): number | undefined {
  const farMs = curve.quantile(quantile);
  if (farMs === undefined) return undefined;
  const error = STANDARD_ERRORS * Math.sqrt((quantile * (1 - quantile)) / samples);
  const leastMs = curve.quantile(Math.max(quantile / 2, quantile - error)) ?? farMs; // at 0 there may be anything
  for (let nearMs = leastMs; WIDTH * nearMs <= farMs; nearMs *= STEP) {
    const reaching = curve.runningAt(nearMs);
    if (reaching - curve.runningAt(WIDTH * nearMs) <= MOST_WITHIN * reaching) return MARGIN * nearMs;
  }
  return farMs;
}
