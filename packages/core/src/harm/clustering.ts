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
/** The indices look back over some twenty blocks. */
const INDEX_WEIGHT = 0.05;
/** One block counts for no more than this, and neither does one change. */
const MOST_DISPERSION = 8;
/** Independent latencies stay below 2.3, a backend that pauses now and then below 2.5. */
const CALM_DISPERSION = 2.5;
/** Two neighbours count for no more than this, for and against. */
const MOST_COVARIANCE = 6;
/** Independent latencies stay below it, and so does a client whose event loop pauses now and then. */
const CALM_COVARIANCE = 0.8;
/** Never less of the budget than this. */
const LEAST_EASING = 1 / 16;

/**
 * Tells a slow system from slow requests. If latencies are independent, the number of slow primaries in a block of consecutive
 * ones is binomial. Where they queue behind each other two things differ, and a copy only lengthens the queue:
 *
 * - slow ones come in clusters: the index of dispersion (variance over the binomial variance, 1 under independence) is high. It is
 *   a little high too where a client's event loop pauses, which slows all that is in flight at a time;
 * - slow blocks follow slow blocks: the serial covariance at lag one, 0 under independence, is high. It is too where one of several
 *   backends stalls for a moment, which is what hedges are for.
 *
 * Only both together are a queue.
 */
export class Clustering {
  private dispersion = 1;
  private covariance = 0;

  /** How much of the budget to use, above 0 up to 1. */
  get easing(): number {
    return Math.max(LEAST_EASING, easingOf(this.dispersion, CALM_DISPERSION), easingOf(this.covariance, CALM_COVARIANCE));
  }

  /**
   * One more block.
   *
   * @param deviation - by how many standard deviations it is off.
   * @param before - the same of the block before it.
   */
  add(deviation: number, before: number): void {
    this.dispersion += INDEX_WEIGHT * (Math.min(deviation ** 2, MOST_DISPERSION) - this.dispersion);
    this.covariance += INDEX_WEIGHT * (Math.max(-MOST_COVARIANCE, Math.min(deviation * before, MOST_COVARIANCE)) - this.covariance);
  }
}

function easingOf(index: number, calm: number): number {
  return index <= calm ? 1 : (calm / index) ** 4;
}

/** Counts the primaries of one route, block by block, for the {@link Clustering} of its origin. */
export class Blocks {
  private readonly clustering: Clustering;
  private share: number | undefined = undefined;
  private slow = 0;
  private seen = 0;
  /** By how many standard deviations the latest block was off. */
  private deviation = 0;

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
    this.clustering.add(deviation, this.deviation);
    this.deviation = deviation;
    this.share += SHARE_WEIGHT * (seen - this.share);
    this.slow = this.seen = 0;
  }
}
