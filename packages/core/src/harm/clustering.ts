/** Primaries per block. */
const BLOCK = 32;
/** The share above the median is followed, so that a lasting change is no clustering: by a fifth of each block. */
const SHARE_WEIGHT = 0.2;
/** Where hardly any are above, or all, a block says little. */
const LEAST_SHARE = 0.02;
/** One block counts for no more than this, and so does one change. */
const MOST_DISPERSION = 8;
/** The index looks back over some twenty blocks. */
const INDEX_WEIGHT = 0.05;
/** Independent latencies stay below 2, a backend that pauses now and then below 2.5. */
const CALM = 2.5;
/** Never less of the budget than this. */
const LEAST_EASING = 1 / 16;

/**
 * Tells a slow system from slow requests. If latencies are independent, the number of primaries above the median in a block of
 * consecutive ones is binomial: its index of dispersion (variance over the binomial variance) is 1. Where they queue behind
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
  private share = 0.5;
  private above = 0;
  private seen = 0;

  constructor(clustering: Clustering) {
    this.clustering = clustering;
  }

  /** One more primary, in the order in which they ended. */
  see(isAboveMedian: boolean): void {
    if (isAboveMedian) this.above++;
    if (++this.seen < BLOCK) return;
    const share = Math.min(1 - LEAST_SHARE, Math.max(LEAST_SHARE, this.share));
    this.clustering.add((this.above - BLOCK * share) ** 2 / (BLOCK * share * (1 - share)));
    this.share += SHARE_WEIGHT * (this.above / BLOCK - this.share);
    this.above = this.seen = 0;
  }
}
