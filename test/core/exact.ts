import type { PlannedHedge } from '#core/goal/goal.js';
import { runningWith } from '#core/goal/outlook.js';
import type { Survival } from '#core/latency/survival-curve.js';

/** Error below 1.2e-7 (Numerical Recipes' Chebyshev fit). */
function complementaryError(x: number): number {
  const z = Math.abs(x);
  const t = 1 / (1 + z / 2);
  const fit = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223, 0.17087277];
  const value = t * Math.exp(-z * z + fit.reduceRight((sum, coefficient) => sum * t + coefficient, 0));
  return x >= 0 ? value : 2 - value;
}

const variance = Math.log(1 + (2 / 5) ** 2);
const mu = Math.log(5) - variance / 2;

/** S of the reference workload: lognormal, mean 5 ms, standard deviation 2 ms, and 5 % of requests ten times slower. */
function referenceRunningAt(elapsedMs: number): number {
  if (elapsedMs <= 0) return 1;
  const tail = (slowdown: number): number => complementaryError((Math.log(elapsedMs / slowdown) - mu) / Math.sqrt(2 * variance)) / 2;
  return 0.95 * tail(1) + 0.05 * tail(10);
}

/** The time by which `running` has fallen to `share`. */
function timeOf(running: (elapsedMs: number) => number, share: number): number {
  let low = 0;
  let high = 1_000;
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    if (running(middle) > share) low = middle;
    else high = middle;
  }
  return high;
}

/** The reference workload, known exactly and everywhere. */
export const reference: Survival = {
  identifiedUpToMs: 1_000,
  runningAt: referenceRunningAt,
  quantile: (quantile) => timeOf(referenceRunningAt, 1 - quantile),
};

/** An exact percentile of the reference workload under a plan. */
export function referencePercentile(hedges: readonly PlannedHedge[], quantile: number): number {
  return timeOf((elapsedMs) => runningWith(hedges, reference, elapsedMs), 1 - quantile);
}
