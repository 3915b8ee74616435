import { RecentCount } from '../common/recent-count.js';

/** Slow calls looked back over: so many, … */
const MEMORY_CALLS = 256;
/** … and those of so much time at least: a queue that hedges make lasts for seconds, and a busy client sees hundreds of slow calls in one. */
const MEMORY_MS = 10_000;
/** Slow calls follow slow ones by chance no more often than this many times their share, and where no queue is. */
const CALM_LIFT = 1.3;
/** Beyond it the budget falls steeply, because the harm that a copy does in a queue grows steeply with the load. */
const POWER = 13;
/** The lift counts for no more than this, where a 32nd of the budget is left: so it falls soon once it is over. */
const MOST_LIFT = CALM_LIFT * 32 ** (1 / POWER);

/** An outage counts for no more than this: the brake sees to that, and when it is over, or has become usual, hedging is to be back soon. */
const MOST_LIFT_AFTER_OUTAGE = 1.5;

/**
 * Tells a slow system from slow requests, by the order of an origin's calls. If latencies are independent a slow call follows a slow one as often as any other.
 * Where requests queue behind each other it does so more often, and a copy only lengthens the queue: the *lift* (the share of slow calls that a slow one follows,
 * by the share that are slow, 1 under independence) says by how much.
 */
export class Clustering {
  private lift = 1;
  private readonly slow = new RecentCount(MEMORY_MS, 10);

  /** How much of the budget to use, from a 32nd up to 1. */
  get easing(): number {
    return this.lift <= CALM_LIFT ? 1 : (CALM_LIFT / this.lift) ** POWER;
  }

  /**
   * One more slow call.
   *
   * @param isFollowed - whether the call that began next was slow too.
   * @param share - of calls that are slow, above 0.
   */
  add(isFollowed: boolean, share: number, nowMs: number): void {
    this.slow.add(nowMs);
    const weight = 1 / Math.max(MEMORY_CALLS, this.slow.total(nowMs));
    this.lift = Math.min(MOST_LIFT, this.lift + weight * ((isFollowed ? 1 / share : 0) - this.lift));
  }

  /** The origin is out. */
  endure(): void {
    this.lift = Math.min(this.lift, MOST_LIFT_AFTER_OUTAGE);
  }
}
