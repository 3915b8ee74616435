import { checkNumber } from '../check.js';
import { uniformAt } from './random.js';

/** A lognormal latency with stragglers. The defaults are the reference workload of the project. */
export interface LatencyOptions {
  /** Mean of an ordinary request, in milliseconds. Above 0, default 5. */
  readonly meanMs?: number | undefined;
  /** Standard deviation of an ordinary request, in milliseconds. ≥ 0, default 2. */
  readonly sdMs?: number | undefined;
  /** Share of requests that straggle, 0 to 1. Default 0.05. */
  readonly stragglers?: number | undefined;
  /** How many times slower a straggler is. ≥ 1, default 10. */
  readonly slowdown?: number | undefined;
}

/** The latency in milliseconds of the n-th arrival (from 0) at a backend. */
export type LatencySequence = (backend: number, arrival: number) => number;

/**
 * @param label - what the options are called in messages.
 * @throws RangeError that names the option, what was expected and what came.
 */
export function latencySequence(seed: number, options: LatencyOptions = {}, label = 'latency'): LatencySequence {
  const meanMs = checkNumber(`${label}.meanMs`, options.meanMs ?? 5, { min: 0.01, max: 3_600_000 });
  const sdMs = checkNumber(`${label}.sdMs`, options.sdMs ?? 2, { min: 0, max: 3_600_000 });
  const stragglers = checkNumber(`${label}.stragglers`, options.stragglers ?? 0.05, { min: 0, max: 1 });
  const slowdown = checkNumber(`${label}.slowdown`, options.slowdown ?? 10, { min: 1, max: 1_000_000 });
  const variance = Math.log(1 + (sdMs / meanMs) ** 2);
  const mu = Math.log(meanMs) - variance / 2;
  const sigma = Math.sqrt(variance);
  return (backend, arrival) => {
    const draw = (number: number) => uniformAt(seed, backend, arrival, number);
    // Box–Muller; 1 − u because the logarithm of 0 is infinite.
    const normal = Math.sqrt(-2 * Math.log(1 - draw(0))) * Math.cos(2 * Math.PI * draw(1));
    return Math.exp(mu + sigma * normal) * (draw(2) < stragglers ? slowdown : 1);
  };
}
