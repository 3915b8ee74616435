/** Relative error of a remembered latency. */
const RELATIVE_ACCURACY = 0.01;
/** Buckets of one sketch: five decades at 1 %; below them values collapse, which upper quantiles do not notice. */
const MOST_BUCKETS = 576;
/** Buckets that are made at once. */
const CHUNK = 128;

/** Each bucket ends at so many times the end of the one below it. */
export const GAMMA: number = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY);

const PER_DOUBLING = Math.log(2) / Math.log(GAMMA);

const NO_BINS = new Uint32Array(0);

/** The bucket of a positive number. */
export function bucketOf(value: number): number {
  return Math.ceil(Math.log2(value) * PER_DOUBLING);
}

/**
 * Counts positive numbers in buckets whose width grows with them, so that each is known to within 1 %: DDSketch, with a bounded store
 * that collapses its lowest buckets into one (Masson, Rim & Lee, DDSketch: A Fast and Fully-Mergeable Quantile Sketch with
 * Relative-Error Guarantees, VLDB 2019). It counts as @datadog/sketches-js does.
 */
export class Sketch {
  /** Counts of consecutive buckets, of which the first is `offset`. There may be empty ones at both ends. */
  bins: Uint32Array = NO_BINS;
  offset = 0;
  count = 0;
  private least = Infinity;
  private most = -Infinity;

  /** `value` is positive and finite. */
  accept(value: number): void {
    const bucket = bucketOf(value);
    if (bucket < this.least || bucket > this.most) this.reach(bucket);
    const index = Math.max(0, bucket - this.offset); // what has collapsed is in the first
    this.bins[index] = (this.bins[index] ?? 0) + 1;
    this.count++;
  }

  /** Makes room for a bucket, if need be at the cost of the lowest. */
  private reach(bucket: number): void {
    const most = Math.max(this.most, bucket);
    const least = Math.max(Math.min(this.least, bucket), most - MOST_BUCKETS + 1);
    if (least < this.offset || most >= this.offset + this.bins.length) this.move(least, most);
    this.least = least;
    this.most = most;
  }

  private move(least: number, most: number): void {
    const used = most - least + 1;
    const bins = new Uint32Array(Math.min(CHUNK * Math.ceil(used / CHUNK), MOST_BUCKETS));
    const offset = least - Math.floor((bins.length - used) / 2);
    for (let index = 0; index < this.bins.length; index++) {
      const count = this.bins[index] ?? 0;
      if (count === 0) continue;
      const target = Math.max(this.offset + index, least) - offset;
      bins[target] = (bins[target] ?? 0) + count;
    }
    this.bins = bins;
    this.offset = offset;
  }
}
