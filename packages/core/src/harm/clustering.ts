/**
 * What counts as slow: this many medians. A queue adds whole service times; a client whose event loop is busy adds a little to all
 * that is in flight, which is no queue at a server.
 */
export const SLOW_MEDIANS = 2;
/** Primaries per block. */
const BLOCK = 32;
/** The share of slow ones is followed, so that a lasting change is no clustering: by a quarter of each block. */
const SHARE_WEIGHT = 0.25;
/** Where hardly any are slow, or all, a block says little. */
const LEAST_SHARE = 0.02;
/** Two neighbours count for no more than this, for and against. */
const MOST_PRODUCT = 6;
/** The index looks back over some fifty blocks. */
const INDEX_WEIGHT = 0.02;
/** Independent latencies stay below it in two million calls. */
const CALM = 0.7;
/** Never less of the budget than this. */
const LEAST_EASING = 1 / 16;

/**
 * Tells a slow system from slow requests. The number of slow primaries in a block of consecutive ones, standardised as the
 * binomial it is if latencies are independent, says nothing of the next block's: their products come to zero on average. Where
 * primaries queue behind each other, slow blocks follow slow blocks, and a copy only lengthens the queue. A pause of the client's
 * own event loop or of one server makes a block slow, but not its neighbours: the index is the serial covariance at lag one, and
 * not the dispersion, which cannot tell the two apart.
 */
export class Clustering {
  private index = 0;

  /** How much of the budget to use, above 0 up to 1. */
  get easing(): number {
    return this.index <= CALM ? 1 : Math.max(LEAST_EASING, (CALM / this.index) ** 4);
  }

  /** One more product of neighbours. */
  add(product: number): void {
    this.index += INDEX_WEIGHT * (Math.max(-MOST_PRODUCT, Math.min(product, MOST_PRODUCT)) - this.index);
  }
}

/** Counts the primaries of one route, block by block, for the {@link Clustering} of its origin. */
export class Blocks {
  private readonly clustering: Clustering;
  private share: number | undefined = undefined;
  private slow = 0;
  private seen = 0;
  /** By how many standard deviations the latest block is off. */
  private deviation: number | undefined = undefined;

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
    const deviation = Math.sqrt(BLOCK / (share * (1 - share))) * (seen - share);
    if (this.deviation !== undefined) this.clustering.add(this.deviation * deviation);
    this.deviation = deviation;
    this.share += SHARE_WEIGHT * (seen - this.share);
    this.slow = this.seen = 0;
  }
}
