/**
 * What counts as slow: this many medians. A queue adds whole service times; a client whose event loop is busy adds a little to all
 * that is in flight, which is no queue at a server.
 */
export const SLOW_MEDIANS = 2;
/** Primaries per block. */
const BLOCK = 32;
/** The share of slow ones is followed, so that a lasting change is no clustering: by a fifth of each block. */
const SHARE_WEIGHT = 0.2;
/** Where hardly any are slow, or all, a block says little. */
const LEAST_SHARE = 0.02;
/** One block counts for no more than this, and so does one change. */
const MOST_DISPERSION = 8;
/** The index looks back over some twenty blocks. */
const INDEX_WEIGHT = 0.05;
/** Independent latencies stay below 2.3, a backend that pauses now and then below 2.5. */
const CALM = 2.5;
/** Never less of the budget than this. */
const LEAST_EASING = 1 / 16;

/**
 * Tells a slow system from slow requests. If latencies are independent, the number of slow primaries in a block of consecutive
 * ones is binomial: its index of dispersion (variance over the binomial variance) is 1. Where they queue behind
 * each other, slow ones come in clusters and the index is far above 1, and a copy only lengthens the queue.
 */
export class Clustering {
  private index = 1;

  /** How much of the budget to use, above 0 up to 1. */
  get easing(): number {
    return this.index <= CALM ? 1 : Math.max(LEAST_EASING, (CALM / this.index) ** 4);
  }

  add(dispersion: number): void {
    this.index += INDEX_WEIGHT * (Math.min(dispersion, MOST_DISPERSION) - this.index);
  }
}

/** Counts the primaries of one route, block by block, for the {@link Clustering} of its origin. */
export class Blocks {
  private readonly clustering: Clustering;
  private share: number | undefined = undefined;
  private slow = 0;
  private seen = 0;

  constructor(clustering: Clustering) {
    this.clustering = clustering;
  }

  /** One more primary, in the order in which they ended. */
  see(isSlow: boolean): void {
    if (isSlow) this.slow++;
    if (++this.seen < BLOCK) return;
    const seen = this.slow / BLOCK;
    this.share ??= seen;
    const share = Math.min(1 - LEAST_SHARE, Math.max(LEAST_SHARE, this.share));
    this.clustering.add((BLOCK * (seen - share) ** 2) / (share * (1 - share)));
    this.share += SHARE_WEIGHT * (seen - this.share);
    this.slow = this.seen = 0;
  }
}
