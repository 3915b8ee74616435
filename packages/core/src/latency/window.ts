import { LogCollapsingLowestDenseDDSketch } from '@datadog/sketches-js';
import type { BucketCounts } from './kaplan-meier.js';

/** Relative error of a remembered latency (Masson, Rim & Lee, DDSketch, VLDB 2019). */
const RELATIVE_ACCURACY = 0.01;
/** Buckets of one sketch: five decades at 1 %; below them values collapse, which upper quantiles do not notice. */
const MOST_BUCKETS = 576;
/** Sketches must see neither 0, which has a count of its own, nor Infinity, which throws, nor NaN, which poisons them. */
const LEAST_MS = 1e-3;
const MOST_MS = 1e9;

interface SubWindow {
  epoch: number;
  events: Sketch | undefined;
  censored: Sketch | undefined;
}

type Sketch = LogCollapsingLowestDenseDDSketch;

/**
 * Latencies of the recent past: a ring of sub-windows, so that old data leaves in small steps.
 * An *event* is a primary that settled, *censored* is one that was aborted before it could.
 */
export class LatencyWindow {
  private readonly ring: SubWindow[];
  private readonly subWindowMs: number;

  constructor(windowMs: number, subWindows: number) {
    this.subWindowMs = windowMs / subWindows;
    this.ring = Array.from({ length: subWindows }, () => ({ epoch: -1, events: undefined, censored: undefined }));
  }

  record(elapsedMs: number, isCensored: boolean, nowMs: number): void {
    const value = Math.min(Math.max(elapsedMs, LEAST_MS), MOST_MS);
    if (Number.isNaN(value)) return;
    const current = this.current(nowMs);
    if (isCensored) (current.censored ??= newSketch()).accept(value);
    else (current.events ??= newSketch()).accept(value);
  }

  /** Samples that are still remembered. */
  samples(nowMs: number): number {
    let samples = 0;
    for (const { epoch, events, censored } of this.ring) {
      if (this.isRemembered(epoch, nowMs)) samples += (events?.count ?? 0) + (censored?.count ?? 0);
    }
    return samples;
  }

  /** Adds up what is remembered. */
  counts(nowMs: number): BucketCounts {
    const remembered = this.ring.filter(({ epoch }) => this.isRemembered(epoch, nowMs));
    const sketches = remembered.flatMap(({ events, censored }) => [events, censored]).filter((sketch) => sketch !== undefined);
    const gamma = (1 + RELATIVE_ACCURACY) / (1 - RELATIVE_ACCURACY);
    if (sketches.length === 0) return { firstBucket: 0, events: [], censored: [], length: 0, gamma };
    const firstBucket = Math.min(...sketches.map(({ store }) => store.offset));
    const end = Math.max(...sketches.map(({ store }) => store.offset + store.bins.length));
    const events = new Float64Array(end - firstBucket);
    const censored = new Float64Array(end - firstBucket);
    for (const subWindow of remembered) {
      addBins(events, subWindow.events, firstBucket);
      addBins(censored, subWindow.censored, firstBucket);
    }
    return { firstBucket, events, censored, length: end - firstBucket, gamma };
  }

  private current(nowMs: number): SubWindow {
    const epoch = Math.floor(nowMs / this.subWindowMs);
    const index = epoch % this.ring.length;
    const current = this.ring[index];
    if (current?.epoch === epoch) return current;
    return (this.ring[index] = { epoch, events: undefined, censored: undefined });
  }

  private isRemembered(epoch: number, nowMs: number): boolean {
    return epoch >= 0 && epoch > Math.floor(nowMs / this.subWindowMs) - this.ring.length;
  }
}

function newSketch(): Sketch {
  return new LogCollapsingLowestDenseDDSketch({ relativeAccuracy: RELATIVE_ACCURACY, binLimit: MOST_BUCKETS });
}

/** Read bin by bin, because the sketch's own `merge` loses data when a largest key is exactly 0. */
function addBins(totals: Float64Array, sketch: Sketch | undefined, firstBucket: number): void {
  if (sketch === undefined) return;
  const { bins, offset } = sketch.store;
  for (let index = 0; index < bins.length; index++) {
    const target = offset + index - firstBucket;
    totals[target] = (totals[target] ?? 0) + (bins[index] ?? 0);
  }
}
