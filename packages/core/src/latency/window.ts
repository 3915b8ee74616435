import type { BucketCounts } from './kaplan-meier.js';
import { bucketOf, GAMMA, Sketch } from './sketch.js';

/** Sketches must see neither 0 nor Infinity, which have no bucket, nor NaN. */
const LEAST_MS = 1e-3;
const MOST_MS = 1e9;

/** The buckets that latencies may fall into. */
export const LEAST_BUCKET: number = bucketOf(LEAST_MS) - 1;
export const MOST_BUCKET: number = bucketOf(MOST_MS) + 1;

/** Counts of consecutive buckets. */
interface Bins {
  readonly offset: number;
  readonly bins: ArrayLike<number>;
  readonly count: number;
}

const NO_BINS: Bins = { offset: 0, bins: [], count: 0 };

/** A part of the window that has passed: what its sketches counted, without the room they keep for growing. */
interface Closed {
  readonly epoch: number;
  readonly events: Bins;
  readonly censored: Bins;
}

/**
 * Latencies of the recent past: a ring of sub-windows, so that old data leaves in small steps.
 * An *event* is a primary that settled, *censored* is one that was aborted before it could.
 */
export class LatencyWindow {
  private readonly subWindowMs: number;
  private readonly subWindows: number;
  private closed: readonly Closed[] = [];
  private epoch = -1;
  private events: Sketch | undefined = undefined;
  private censored: Sketch | undefined = undefined;

  constructor(windowMs: number, subWindows: number) {
    this.subWindowMs = windowMs / subWindows;
    this.subWindows = subWindows;
  }

  record(elapsedMs: number, isCensored: boolean, nowMs: number): void {
    const value = Math.min(Math.max(elapsedMs, LEAST_MS), MOST_MS);
    if (Number.isNaN(value)) return;
    this.advance(nowMs);
    if (isCensored) (this.censored ??= new Sketch()).accept(value);
    else (this.events ??= new Sketch()).accept(value);
  }

  /** Forgets everything. */
  clear(): void {
    this.closed = [];
    this.events = this.censored = undefined;
  }

  /** Samples that are still remembered. */
  samples(nowMs: number): number {
    return this.remembered(nowMs).reduce((sum, { events, censored }) => sum + events.count + censored.count, 0);
  }

  /** Adds up what is remembered. */
  counts(nowMs: number): BucketCounts {
    const remembered = this.remembered(nowMs);
    const all = remembered.flatMap(({ events, censored }) => [events, censored]).filter(({ count }) => count > 0);
    if (all.length === 0) return { firstBucket: 0, events: [], censored: [], length: 0, gamma: GAMMA };
    const firstBucket = Math.min(...all.map(({ offset }) => offset));
    const length = Math.max(...all.map(({ offset, bins }) => offset + bins.length)) - firstBucket;
    const events = new Float64Array(length);
    const censored = new Float64Array(length);
    for (const part of remembered) {
      addBins(events, part.events, firstBucket);
      addBins(censored, part.censored, firstBucket);
    }
    return { firstBucket, events, censored, length, gamma: GAMMA };
  }

  /** Adds counts from before, which leave the window when they are as old as it is long. */
  add(counts: BucketCounts, recordedAtMs: number, nowMs: number): void {
    this.advance(nowMs);
    const epoch = Math.floor(recordedAtMs / this.subWindowMs);
    if (epoch <= this.epoch - this.subWindows) return;
    const binsOf = (bins: ArrayLike<number>): Bins => ({ offset: counts.firstBucket, bins, count: sumOf(bins) });
    this.closed = [...this.closed, { epoch, events: binsOf(counts.events), censored: binsOf(counts.censored) }];
  }

  private remembered(nowMs: number): readonly Closed[] {
    this.advance(nowMs);
    return [...this.closed, { epoch: this.epoch, events: binsOf(this.events), censored: binsOf(this.censored) }];
  }

  /** Closes the current sub-window if its time is over, and forgets those that have left the window. */
  private advance(nowMs: number): void {
    const epoch = Math.floor(nowMs / this.subWindowMs);
    if (epoch === this.epoch) return;
    const closed: Closed = { epoch: this.epoch, events: compact(this.events), censored: compact(this.censored) };
    this.closed = [...this.closed, closed].filter((part) => part.epoch > epoch - this.subWindows);
    this.epoch = epoch;
    this.events = this.censored = undefined;
  }
}

function addBins(totals: Float64Array, { bins, offset }: Bins, firstBucket: number): void {
  for (let index = 0; index < bins.length; index++) {
    const target = offset + index - firstBucket;
    totals[target] = (totals[target] ?? 0) + (bins[index] ?? 0);
  }
}

function binsOf(sketch: Sketch | undefined): Bins {
  return sketch ?? NO_BINS;
}

function compact(sketch: Sketch | undefined): Bins {
  const { offset, bins, count } = binsOf(sketch);
  const start = Array.prototype.findIndex.call(bins, isUsed);
  if (start === -1) return NO_BINS;
  const end = Array.prototype.findLastIndex.call(bins, isUsed) + 1;
  return { offset: offset + start, bins: Uint32Array.prototype.slice.call(bins, start, end), count };
}

/** Counts as pairs of bucket and count, and back. */
export function toPairs(firstBucket: number, counts: ArrayLike<number>): number[] {
  return Array.from(counts).flatMap((count, index) => (count > 0 ? [firstBucket + index, count] : []));
}

/** See {@link toPairs}. Buckets ascend. */
export function fromPairs(events: readonly number[], censored: readonly number[]): BucketCounts {
  const firstBucket = Math.min(events[0] ?? Infinity, censored[0] ?? Infinity);
  const lastBucket = Math.max(events.at(-2) ?? -Infinity, censored.at(-2) ?? -Infinity);
  const length = Math.max(0, lastBucket - firstBucket + 1);
  const unpack = (pairs: readonly number[]): Float64Array => {
    const counts = new Float64Array(length);
    for (let index = 0; index < pairs.length; index += 2) counts[(pairs[index] ?? 0) - firstBucket] = pairs[index + 1] ?? 0;
    return counts;
  };
  return { firstBucket: length === 0 ? 0 : firstBucket, events: unpack(events), censored: unpack(censored), length, gamma: GAMMA };
}

/** Samples in these counts. */
export function sumOf(counts: ArrayLike<number>): number {
  return Array.from(counts).reduce((sum, count) => sum + count, 0);
}

function isUsed(count: number): boolean {
  return count > 0;
}
