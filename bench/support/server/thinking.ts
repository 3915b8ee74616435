import type { LatencySequence } from '#cli/cluster/latency.js';
import { uniformAt } from '#cli/cluster/random.js';

const SLOW_SHARE = 0.2;
const FAST = { meanMs: 15, sdMs: 3 };
const SLOW = { meanMs: 200, sdMs: 25 };

/** Two humps with nothing between them, as servers with a cache and language models have. */
export function thinkingSequence(seed: number): LatencySequence {
  return (backend, arrival) => {
    const draw = (number: number): number => uniformAt(seed, backend, arrival, number);
    // Box–Muller; 1 − u because the logarithm of 0 is infinite.
    const normal = Math.sqrt(-2 * Math.log(1 - draw(0))) * Math.cos(2 * Math.PI * draw(1));
    const { meanMs, sdMs } = draw(2) < SLOW_SHARE ? SLOW : FAST;
    return Math.max(0, meanMs + sdMs * normal);
  };
}
