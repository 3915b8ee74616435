import { LateTime } from './late-time.js';

/** 1 − 0.9 is a little less than 0.1. */
const ROUNDING = 1e-6;

/** The share of requests that take longer than a time: S(t) = P(T > t). */
export interface Survival {
  /** Beyond this time, in milliseconds, nothing is known of S. */
  readonly identifiedUpToMs: number;
  /** S at a time, 0 to 1. Beyond what is identified it is no estimate. */
  runningAt(elapsedMs: number): number;
  /** The time by which a share of the requests has ended, in milliseconds; `undefined` where S never gets so low. */
  quantile(quantile: number): number | undefined;
}

/**
 * S as estimated over logarithmic buckets: known at every bucket's bound, a straight line between two bounds.
 * Made by {@link kaplanMeier}.
 */
export class SurvivalCurve implements Survival {
  readonly identifiedUpToMs: number;
  /** How many it was made of. */
  readonly samples: number;
  /** S at the lower bound of the first bucket, then at the upper bound of each. */
  private readonly atBounds: Float64Array;
  private readonly firstBucket: number;
  private readonly gamma: number;
  private readonly bucketsPerLog: number;
  /** Made when it is first asked for. */
  private areas: Float64Array | undefined = undefined;
  private late: LateTime | undefined = undefined;

  constructor(atBounds: Float64Array, firstBucket: number, gamma: number, identifiedBuckets: number, samples: number) {
    this.samples = samples;
    this.atBounds = atBounds;
    this.firstBucket = firstBucket;
    this.gamma = gamma;
    this.bucketsPerLog = 1 / Math.log(gamma);
    this.identifiedUpToMs = identifiedBuckets === 0 ? 0 : this.boundMs(identifiedBuckets);
  }

  runningAt(elapsedMs: number): number {
    if (elapsedMs <= 0) return 1;
    const position = Math.log(elapsedMs) * this.bucketsPerLog - (this.firstBucket - 1);
    if (position <= 0) return 1;
    const bucket = Math.floor(position);
    const last = this.atBounds.length - 1;
    if (bucket >= last) return at(this.atBounds, last);
    const before = at(this.atBounds, bucket);
    const lowerMs = this.boundMs(bucket);
    const share = (elapsedMs - lowerMs) / (lowerMs * (this.gamma - 1));
    return before + Math.min(Math.max(share, 0), 1) * (at(this.atBounds, bucket + 1) - before);
  }

  quantile(quantile: number): number | undefined {
    const target = 1 - quantile;
    const bound = this.firstBoundAt(target);
    if (bound >= this.atBounds.length) return undefined;
    const before = at(this.atBounds, bound - 1);
    const after = at(this.atBounds, bound);
    const share = before > after ? (before - target) / (before - after) : 1;
    return this.boundMs(bound - 1) * (1 + share * (this.gamma - 1));
  }

  /** The least bound of a bucket that a share at most runs beyond, and the share that does, but no less than `least`; `undefined` where S never gets so low. */
  slowest(most: number, least: number): { readonly ms: number; readonly share: number } | undefined {
    const bound = this.firstBoundAt(most + ROUNDING);
    return bound >= this.atBounds.length ? undefined : { ms: this.boundMs(bound), share: Math.max(least, at(this.atBounds, bound)) };
  }

  /** Of the bounds but the first one, the first at which no more than a share still runs; S never rises. */
  private firstBoundAt(running: number): number {
    let low = 1;
    let high = this.atBounds.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (at(this.atBounds, middle) <= running) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** The longest that any request was seen to run, in milliseconds. */
  get seenUpToMs(): number {
    return this.atBounds.length < 2 ? 0 : this.boundMs(this.atBounds.length - 1);
  }

  /** The mean time for which a request runs up to `elapsedMs`: E[min(T, t)], the area below S. */
  meanUpToMs(elapsedMs: number): number {
    const last = this.atBounds.length - 1;
    if (elapsedMs <= this.boundMs(0)) return Math.max(0, elapsedMs);
    const position = Math.log(elapsedMs) * this.bucketsPerLog - (this.firstBucket - 1);
    const bound = Math.min(Math.max(Math.floor(position), 0), last);
    const restMs = elapsedMs - this.boundMs(bound);
    this.areas ??= this.addUp(this.boundsMs());
    return at(this.areas, bound) + (restMs * (at(this.atBounds, bound) + this.runningAt(elapsedMs))) / 2;
  }

  /** The time that late requests have left. */
  lateTime(): LateTime {
    return (this.late ??= this.makeLateTime());
  }

  private makeLateTime(): LateTime {
    const boundsMs = this.boundsMs();
    this.areas ??= this.addUp(boundsMs);
    return new LateTime(boundsMs, this.atBounds, this.areas, this.samples);
  }

  /** The area below S up to each bound. */
  private addUp(boundsMs: Float64Array): Float64Array {
    const areas = new Float64Array(boundsMs.length);
    let area = (areas[0] = at(boundsMs, 0));
    for (let bound = 1; bound < areas.length; bound++) {
      const widthMs = at(boundsMs, bound) - at(boundsMs, bound - 1);
      areas[bound] = area += (widthMs * (at(this.atBounds, bound - 1) + at(this.atBounds, bound))) / 2;
    }
    return areas;
  }

  /** All of them. To multiply costs a tenth of {@link boundMs}. */
  private boundsMs(): Float64Array {
    const boundsMs = new Float64Array(this.atBounds.length);
    let ms = this.boundMs(0);
    for (let bound = 0; bound < boundsMs.length; bound++, ms *= this.gamma) boundsMs[bound] = ms;
    return boundsMs;
  }

  private boundMs(bound: number): number {
    return this.gamma ** (this.firstBucket - 1 + bound);
  }
}

function at(numbers: Float64Array, index: number): number {
  return numbers[index] ?? 0;
}
