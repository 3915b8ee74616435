import { constantTime, exponentialTime, lognormalTime, type ServiceTime } from 'hedgerow';
import { normal } from '#cli/simulate/random.js';

/** A distribution of latencies, and whether copies are worth their load there. */
export interface Service {
  readonly name: string;
  readonly time: ServiceTime;
  readonly isWorthIt: boolean;
}

const straggling = (stragglers: number): ServiceTime => lognormalTime({ stragglers });
const uniform = (from: number, to: number): ServiceTime => ({ meanMs: (from + to) / 2, draw: (random) => from + (to - from) * random() });
const around = (meanMs: number, sdMs: number): ServiceTime => ({ meanMs, draw: (random) => meanMs + sdMs * normal(random) });

export const SERVICES: readonly Service[] = [
  { name: 'lognormal 5 ± 0.5', time: lognormalTime({ sdMs: 0.5, stragglers: 0 }), isWorthIt: false },
  { name: 'lognormal 5 ± 2', time: straggling(0), isWorthIt: false },
  { name: 'constant 5', time: constantTime(5), isWorthIt: false },
  { name: 'normal 5 ± 0.1', time: around(5, 0.1), isWorthIt: false },
  { name: 'normal 100 ± 10', time: around(100, 10), isWorthIt: false },
  { name: 'uniform 0 to 10', time: uniform(0, 10), isWorthIt: false },
  { name: 'uniform 20 to 30', time: uniform(20, 30), isWorthIt: false },
  { name: 'reference', time: lognormalTime(), isWorthIt: true },
  { name: 'reference, 1 % stragglers', time: straggling(0.01), isWorthIt: true },
  { name: 'reference, 0.1 % stragglers', time: straggling(0.001), isWorthIt: true },
  { name: 'exponential 50', time: exponentialTime(50), isWorthIt: true },
  { name: 'gamma, shape 2', time: { meanMs: 10, draw: (random) => -5 * Math.log((1 - random()) * (1 - random())) }, isWorthIt: true },
  { name: 'Pareto, shape 2', time: { meanMs: 10, draw: (random) => 5 / Math.sqrt(1 - random()) }, isWorthIt: true },
];
