import type { Survival } from '@hedgerow/core/policy';
import { quantile } from '../demo/percentiles.js';
import type { ServiceTime } from '../simulate/service-time.js';
import { Simulation } from '../simulate/simulation.js';
import type { Histogram } from './histogram.js';
import { boundMs, total } from './histogram.js';

/** How a prediction did against a simulation. */
export interface Check {
  readonly calls: number;
  readonly predictedMs: number;
  readonly p99Ms: number;
  /** Simulated over predicted, less one. */
  readonly differenceShare: number;
  readonly extraLoad: number;
}

/** Steps of the simulation between two looks at the rest of the world. */
const STEPS = 50_000;

/** What a check needs. */
export interface CheckSetup {
  readonly curve: Survival;
  readonly histogram: Histogram;
  /** p99 under the default options, in milliseconds. */
  readonly predictedMs: number;
  readonly calls: number;
  readonly seed: number;
}

/**
 * Simulates calls under the default options whose latencies are drawn from the histogram.
 *
 * @throws the signal's reason when it aborts.
 */
export async function checkBySimulation(setup: CheckSetup, signal: AbortSignal, onProgress: (share: number) => void): Promise<Check> {
  const { calls, curve, histogram, predictedMs, seed } = setup;
  const simulation = new Simulation({ seed, calls, service: serviceTimeOf(histogram, curve) });
  while (simulation.advance(STEPS)) {
    onProgress(simulation.progress);
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  const { extraLoad, latencies } = simulation.result();
  const p99Ms = quantile(latencies, 0.99);
  return { calls, predictedMs, p99Ms, differenceShare: p99Ms / predictedMs - 1, extraLoad };
}

/** Draws from a histogram. Of what lies beyond its last bound nothing is known but that it is longer. */
function serviceTimeOf({ events, censored }: Histogram, curve: Survival): ServiceTime {
  const longestMs = boundMs(Math.max(events.findLastIndex((count) => count > 0), censored.findLastIndex((count) => count > 0)));
  const meanMs = events.reduce((sum, count, index) => sum + count * boundMs(index), 0) / Math.max(1, total(events));
  return { meanMs, draw: (random) => curve.quantile(random()) ?? longestMs };
}
