import { addCounts, addInterval, bucketAbove, bucketOf, BUCKETS, emptyHistogram, type Histogram } from '../histogram.js';

/** Parts of the input that are kept apart, to see whether it changes from beginning to end. */
const MOST_BLOCKS = 128;
const FIRST_BLOCK_SIZE = 100;
/** The slowest of all, where neighbours are compared. */
const SLOW_SHARE = 0.1;
/** As many latencies must be there before it is known what is slow. */
const LEAST_FOR_SLOW = 1_000;

/** How slow requests lie beside each other in the order of the input. */
export interface Neighbours {
  /** Latencies compared. */
  readonly compared: number;
  /** Share of them that is slow. */
  readonly slow: number;
  /** Share of slow ones among those right after a slow one. */
  readonly slowAfterSlow: number;
}

/** All that is kept of the latencies read: constant memory however many there are. */
export interface Latencies {
  readonly count: number;
  readonly histogram: Histogram;
  /** Counts per bucket of equally long stretches of the input, in its order; the last one may be shorter. None if there is no order. */
  readonly blocks: readonly Uint32Array[];
  readonly neighbours: Neighbours | undefined;
}

/** Takes latencies in the order of the input. The path of each is a logarithm and a few additions. */
export class Collector {
  count = 0;
  private blocks: Uint32Array[] = [];
  private blockSize = FIRST_BLOCK_SIZE;
  private block = new Uint32Array(BUCKETS);
  private inBlock = 0;
  private slowFrom = Infinity;
  private compared = 0;
  private slow = 0;
  private slowAfterSlow = 0;
  private wasSlow = false;

  add(ms: number): void {
    const bucket = bucketOf(ms);
    this.block[bucket] = (this.block[bucket] ?? 0) + 1;
    this.count++;
    this.compare(bucket >= this.slowFrom);
    if (++this.inBlock === this.blockSize) this.closeBlock();
  }

  latencies(): Latencies {
    const blocks = this.inBlock > 0 ? [...this.blocks, this.block] : this.blocks;
    const histogram = emptyHistogram();
    for (const block of blocks) addCounts(histogram.events, block);
    return { count: this.count, histogram, blocks, neighbours: this.neighbours() };
  }

  private compare(isSlow: boolean): void {
    this.compared++;
    if (isSlow) {
      this.slow++;
      if (this.wasSlow) this.slowAfterSlow++;
    }
    this.wasSlow = isSlow;
  }

  private neighbours(): Neighbours | undefined {
    const { compared, slow, slowAfterSlow } = this;
    return this.slowFrom < Infinity && slow > 0 ? { compared, slow: slow / compared, slowAfterSlow: slowAfterSlow / slow } : undefined;
  }

  private closeBlock(): void {
    this.blocks.push(this.block);
    this.block = new Uint32Array(BUCKETS);
    this.inBlock = 0;
    if (this.slowFrom === Infinity && this.count >= LEAST_FOR_SLOW) this.learnSlow();
    if (this.blocks.length < MOST_BLOCKS) return;
    this.blocks = pairs(this.blocks);
    this.blockSize *= 2;
    this.learnSlow();
  }

  /** What counts as slow is learnt anew whenever the input has doubled, so that it is right for at least half of it. */
  private learnSlow(): void {
    const sums = new Float64Array(BUCKETS);
    for (const block of this.blocks) addCounts(sums, block);
    this.slowFrom = bucketAbove(sums, SLOW_SHARE);
    this.compared = this.slow = this.slowAfterSlow = 0;
    this.wasSlow = false;
  }
}

/** Latencies that come as a histogram, without an order. */
export class HistogramCollector {
  private readonly histogram = emptyHistogram();
  private count = 0;

  add(fromMs: number, toMs: number, count: number): void {
    this.count += count;
    addInterval(this.histogram, fromMs, toMs, count);
  }

  /** So many took longer than `fromMs`; how long is not known. */
  addAbove(fromMs: number, count: number): void {
    this.count += count;
    const { censored } = this.histogram;
    // In the bucket above, so that all that ended by `fromMs` has been counted when these are cut off.
    const index = Math.min(bucketOf(fromMs) + 1, BUCKETS - 1);
    censored[index] = (censored[index] ?? 0) + count;
  }

  latencies(): Latencies {
    return { count: this.count, histogram: this.histogram, blocks: [], neighbours: undefined };
  }
}

function pairs(blocks: readonly Uint32Array[]): Uint32Array[] {
  const merged: Uint32Array[] = [];
  for (let index = 0; index < blocks.length; index += 2) {
    const sum = blocks[index] ?? new Uint32Array(BUCKETS);
    addCounts(sum, blocks[index + 1] ?? []);
    merged.push(sum);
  }
  return merged;
}
