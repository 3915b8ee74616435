import type { SimulationResult } from 'hedgerow';
import { quantile } from '#cli/demo/percentiles.js';

export function p99({ latencies }: SimulationResult): number {
  return quantile(latencies, 0.99);
}

/** Calls of which a hedge that was due was not sent, as a share of all. */
export function notSent({ calls, suppressions }: SimulationResult): number {
  return Object.values(suppressions).reduce((sum, count) => sum + count, 0) / calls;
}
