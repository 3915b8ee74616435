import type { SurvivalCurve } from '../latency/survival-curve.js';

/** Steps of a numeric integration; the curve itself is known to 1 %. */
const STEPS = 200;

/**
 * How much longer a request would have run that had run for `elapsedMs` already: the mean residual life
 * E[T − t | T > t] = ∫ S(s) ds / S(t), from t to the longest that any request was seen to run. What may lie beyond that is left
 * out, so this is rather too little, and less so the more is known.
 */
export function residualMs(curve: SurvivalCurve, elapsedMs: number): number {
  const running = curve.runningAt(elapsedMs);
  if (running <= 0 || elapsedMs >= curve.seenUpToMs) return 0;
  return (curve.meanUpToMs(curve.seenUpToMs) - curve.meanUpToMs(elapsedMs)) / running;
}

/**
 * By how much hedges sent at these delays would have shortened a request that took `tookMs`, if copies are independent:
 * E[max(0, T₁ − min(dᵢ + Tᵢ))] = T₁ − ∫ Π S(s − dᵢ) ds, from 0 to T₁. With one hedge that is a − E[min(T, a)], a = T₁ − d.
 */
export function expectedSavingMs(curve: SurvivalCurve, tookMs: number, delaysMs: readonly number[]): number {
  const [first = tookMs, ...others] = delaysMs;
  const leftMs = tookMs - first;
  if (leftMs <= 0) return 0;
  if (others.length === 0) return Math.max(0, leftMs - curve.meanUpToMs(leftMs));
  const stepMs = leftMs / STEPS;
  let savedMs = 0;
  for (let step = 0; step < STEPS; step++) {
    const atMs = first + (step + 0.5) * stepMs;
    const running = delaysMs.reduce((share, delayMs) => share * curve.runningAt(atMs - delayMs), 1);
    savedMs += (1 - running) * stepMs;
  }
  return savedMs;
}
