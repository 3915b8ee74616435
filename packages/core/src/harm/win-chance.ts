import type { Survival } from '../latency/survival-curve.js';

/** Slices of the primaries still running at the delay, by which the integral is summed up. */
const SLICES = 64;

/**
 * The chance that a hedge sent after `delayMs` overtakes a primary that still runs then, if the two are independent:
 * `∫ F(s − d) dF(s) / S(d)` over s > d, with F = 1 − S the distribution of primaries.
 *
 * Primaries in the tail that is not identified are taken to end where it begins. In truth they take longer and leave their
 * hedges more time, so this is a lower bound.
 *
 * @returns `undefined` if nothing is known of what lies beyond the delay.
 */
export function winChance(latency: Survival, delayMs: number): number | undefined {
  const { identifiedUpToMs } = latency;
  const running = latency.runningAt(delayMs);
  if (running <= 0 || identifiedUpToMs <= delayMs) return undefined;
  const unidentified = latency.runningAt(identifiedUpToMs);
  const overtakenBy = (primaryMs: number): number => 1 - latency.runningAt(primaryMs - delayMs);
  let overtaken = unidentified * overtakenBy(identifiedUpToMs);
  const slice = (running - unidentified) / SLICES;
  for (let index = 0; index < SLICES; index++) {
    const primaryMs = latency.quantile(1 - running + (index + 0.5) * slice) ?? identifiedUpToMs;
    overtaken += slice * overtakenBy(primaryMs);
  }
  return overtaken / running;
}
