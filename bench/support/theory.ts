import { type Sorted } from '#cli/demo/percentiles.js';

/** Moments at which a hedge is tried out: this many quantiles of the distribution. */
const DELAYS_TRIED = 2_000;
const TOLERANCE_MS = 0.005;

/** The best that one hedge per call can do. */
export interface Optimum {
  /** The percentile reached, in milliseconds. */
  readonly ms: number;
  readonly delayMs: number;
  /** Chance that a hedge that is due is sent. */
  readonly probability: number;
}

/**
 * The smallest `goal` quantile that one hedge per call can reach for `load` hedges per call, if copies are independent and
 * as fast as the requests measured: exact on their empirical distribution F, by trying delays d. With S = 1 − F and
 * q = min(1, load / S(d)), a share F(t) + q · S(t) · F(t − d) of all calls has ended by t (Kaler et al., SPAA 2017).
 */
export function bestWithinLoad(latencies: Sorted, goal: number, load: number): Optimum {
  const count = latencies.length;
  const share = (ms: number): number => ranksUpTo(latencies, ms) / count;
  const candidates = delaysToTry(latencies).map((delayMs) => {
    const due = 1 - share(delayMs);
    return { delayMs, probability: due > load ? load / due : 1 };
  });
  const ended = (ms: number, { delayMs, probability }: (typeof candidates)[number]): number => {
    const done = share(ms);
    return delayMs >= ms ? done : done + probability * (1 - done) * share(ms - delayMs);
  };
  let low = 0;
  let high = latencies.at(-1) ?? NaN;
  let best = { delayMs: high, probability: 0 };
  while (high - low > TOLERANCE_MS) {
    const middle = (low + high) / 2;
    const found = candidates.find((candidate) => ended(middle, candidate) >= goal);
    if (found) [high, best] = [middle, found];
    else low = middle;
  }
  return { ms: high, ...best };
}

function delaysToTry(latencies: Sorted): number[] {
  const step = Math.max(1, Math.floor(latencies.length / DELAYS_TRIED));
  return [0, ...Array.from(latencies).filter((_, index) => index % step === 0)];
}

/** How many latencies are `ms` or less. */
function ranksUpTo(latencies: Sorted, ms: number): number {
  let low = 0;
  let high = latencies.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((latencies[middle] ?? Infinity) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
