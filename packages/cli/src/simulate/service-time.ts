import { checkNumber } from '../check.js';
import { exponential, normal, type Random } from './random.js';

/** How long a request is worked on, in milliseconds. */
export interface ServiceTime {
  /** Its mean, from which a load in requests per second is known. */
  readonly meanMs: number;
  /** One value, from uniform numbers in [0, 1). */
  readonly draw: (random: Random) => number;
}

/** A lognormal service time with stragglers. The defaults are the reference workload of the project. */
export interface LognormalOptions {
  /** Mean of an ordinary request, in milliseconds. > 0, default 5. */
  readonly meanMs?: number | undefined;
  /** Standard deviation of an ordinary request, in milliseconds. ≥ 0, default 2. */
  readonly sdMs?: number | undefined;
  /** Share of requests that straggle, 0 to 1. Default 0.05. */
  readonly stragglers?: number | undefined;
  /** How many times slower a straggler is. ≥ 1, default 10. */
  readonly slowdown?: number | undefined;
}

const positiveMs = { min: 1e-6, max: 1e9 } as const;

/** @throws RangeError that names the option, what was expected and what came. */
export function lognormalTime(options: LognormalOptions = {}): ServiceTime {
  const meanMs = checkNumber('service.meanMs', options.meanMs ?? 5, positiveMs);
  const sdMs = checkNumber('service.sdMs', options.sdMs ?? 2, { min: 0, max: 1e9 });
  const stragglers = checkNumber('service.stragglers', options.stragglers ?? 0.05, { min: 0, max: 1 });
  const slowdown = checkNumber('service.slowdown', options.slowdown ?? 10, { min: 1, max: 1e6 });
  const variance = Math.log(1 + (sdMs / meanMs) ** 2);
  const mu = Math.log(meanMs) - variance / 2;
  const sigma = Math.sqrt(variance);
  return {
    meanMs: meanMs * (1 + stragglers * (slowdown - 1)),
    draw: (random) => Math.exp(mu + sigma * normal(random)) * (random() < stragglers ? slowdown : 1),
  };
}

/** @throws RangeError if the mean is not a positive number of milliseconds. */
export function exponentialTime(meanMs: number): ServiceTime {
  checkNumber('service.meanMs', meanMs, positiveMs);
  return { meanMs, draw: (random) => meanMs * exponential(random) };
}

/** @throws RangeError if `ms` is not a positive number of milliseconds. */
export function constantTime(ms: number): ServiceTime {
  checkNumber('service.ms', ms, positiveMs);
  return { meanMs: ms, draw: () => ms };
}

/**
 * Draws from measured values, each as likely as another.
 *
 * @throws RangeError if there are none, or one is negative or not finite.
 */
export function empiricalTime(valuesMs: ArrayLike<number>): ServiceTime {
  const values = Float64Array.from(valuesMs);
  if (values.length === 0) throw new RangeError('service: expected at least one measured value, got none');
  let sum = 0;
  for (const value of values) sum += checkNumber('service', value, { min: 0, max: 1e9 });
  return { meanMs: sum / values.length, draw: (random) => values[Math.floor(random() * values.length)] ?? 0 };
}
