import { latencySequence } from '#cli/cluster/latency.js';

const sequence = latencySequence(1);
let drawn = 0;

/** The reference workload: lognormal, mean 5 ms, standard deviation 2 ms, and 5 % of requests ten times slower. */
export function referenceLatencyMs(): number {
  return sequence(0, drawn++);
}
