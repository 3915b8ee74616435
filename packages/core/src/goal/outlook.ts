import type { Survival } from '../latency/survival-curve.js';
import type { PlannedHedge } from './goal.js';

/** Bisection ends at a thousandth of the time, far below the sketch's own error. */
export const PRECISION = 1e-3;

/** The share of calls still running: P(> t) = S(t) · Π (1 − qᵢ F(t − dᵢ)), with copies that are independent. */
export function runningWith(hedges: readonly PlannedHedge[], latency: Survival, elapsedMs: number): number {
  let running = latency.runningAt(elapsedMs);
  for (const { delayMs, probability } of hedges) {
    if (elapsedMs > delayMs) running *= 1 - probability * (1 - latency.runningAt(elapsedMs - delayMs));
  }
  return running;
}

/** Hedges per call: Σ qᵢ S(dᵢ) · Π (1 − qⱼ F(dᵢ − dⱼ)) over the earlier j. */
export function costOf(hedges: readonly PlannedHedge[], latency: Survival): number {
  return hedges.reduce(
    (sum, { delayMs, probability }, index) => sum + probability * runningWith(hedges.slice(0, index), latency, delayMs),
    0,
  );
}

/**
 * The time by which a share `target` of the calls has ended.
 *
 * @param latestMs - a time by which that is so; the search begins there.
 */
export function percentileWith(hedges: readonly PlannedHedge[], latency: Survival, target: number, latestMs: number): number {
  let earliest = 0;
  let latest = latestMs;
  while (latest - earliest > PRECISION * latest) {
    const middle = (earliest + latest) / 2;
    if (runningWith(hedges, latency, middle) <= 1 - target) latest = middle;
    else earliest = middle;
  }
  return latest;
}
