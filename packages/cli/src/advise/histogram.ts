/** Ratio of a bucket's bounds: values are known to 1 % (Masson, Rim & Lee, DDSketch, VLDB 2019), as the core knows them. */
export const GAMMA: number = 1.01 / 0.99;

const LOG_GAMMA = Math.log(GAMMA);
/** A microsecond; what is shorter, zero included, counts as one. */
const LEAST_MS = 1e-3;
/** A day. Nobody waits for longer, so it is a wrong unit. */
export const MOST_MS = 86_400_000;

/** Bucket k of the core's histograms holds (γ^(k−1), γ^k]. */
const FIRST_BUCKET = Math.ceil(Math.log(LEAST_MS) / LOG_GAMMA);
/** How many buckets there are from {@link LEAST_MS} to {@link MOST_MS}. */
export const BUCKETS: number = Math.ceil(Math.log(MOST_MS) / LOG_GAMMA) - FIRST_BUCKET + 1;

/** The index of a latency's bucket, from 0. */
export function bucketOf(ms: number): number {
  return ms <= LEAST_MS ? 0 : Math.ceil(Math.log(ms) / LOG_GAMMA) - FIRST_BUCKET;
}

/** The upper bound of a bucket in milliseconds; that of bucket −1 is the lower bound of the first. */
export function boundMs(index: number): number {
  return GAMMA ** (FIRST_BUCKET + index);
}

/** Counts per logarithmic bucket, in the form that the core's Kaplan–Meier estimate takes. */
export interface Histogram {
  readonly firstBucket: number;
  readonly gamma: number;
  readonly length: number;
  readonly events: Float64Array;
  /** Latencies of which only a lower bound is known. */
  readonly censored: Float64Array;
}

export function emptyHistogram(): Histogram {
  return {
    firstBucket: FIRST_BUCKET,
    gamma: GAMMA,
    length: BUCKETS,
    events: new Float64Array(BUCKETS),
    censored: new Float64Array(BUCKETS),
  };
}

/** Spreads so many latencies evenly over an interval, which is all that a coarser histogram says of them. */
export function addInterval({ events }: Histogram, fromMs: number, toMs: number, count: number): void {
  const last = bucketOf(toMs);
  let reachedMs = fromMs;
  for (let index = bucketOf(fromMs); index <= last; index++) {
    const endMs = index === last ? toMs : Math.min(boundMs(index), toMs);
    const share = toMs > fromMs ? Math.max(0, endMs - reachedMs) / (toMs - fromMs) : 1;
    events[index] = (events[index] ?? 0) + share * count;
    reachedMs = Math.max(reachedMs, endMs);
  }
}

/** The sum of some counts. */
export function total(counts: Iterable<number>): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

/** The first bucket of those that hold at most this share of all at the upper end. */
export function bucketAbove(counts: Float64Array, share: number): number {
  let left = share * total(counts);
  let bucket = counts.length;
  while (bucket > 0 && left >= (counts[bucket - 1] ?? 0)) left -= counts[--bucket] ?? 0;
  return bucket;
}

/** Adds counts to others, bucket by bucket. */
export function addCounts(sums: Float64Array | Uint32Array, counts: ArrayLike<number>): void {
  for (let index = 0; index < counts.length; index++) sums[index] = (sums[index] ?? 0) + (counts[index] ?? 0);
}
