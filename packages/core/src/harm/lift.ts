/** Calls are taken together by when they were answered, in periods of this length: longer than event loops, at either end, hold up what is in flight. */
const PERIOD_MS = 100;
/** A period is compared with the one before it that had calls, if that ended no longer ago than this. */
const MOST_GAP_MS = 1_000;
/** The lift looks back over so many slow calls, or over those of so many periods, whichever is more. */
const MEMORY_CALLS = 256;
const MEMORY_PERIODS = 100;
/** Independent latencies stay below it, and so does one of several backends that stalls for a moment. */
const CALM_LIFT = 1.35;
/** More is not believed, so that it passes as soon as its cause does. */
const MOST_LIFT = 1.7;
/** Nor more than this while there is an outage. */
const MOST_HELD = 1.5;
/** The share of the budget falls with this power of the lift: to a twentieth. */
const STEEPNESS = 13;

/**
 * Tells a slow system from slow requests. If latencies are independent, calls are as often slow after slow ones as ever. Where they queue behind each other, at servers
 * that are full or that hedges have filled, slow periods follow slow periods: calls are slow more often than usual in the period after a slow call. How many times as often
 * is the lift of slow calls (as in association rules; Brin, Motwani, Ullman & Tsur, 1997).
 *
 * In queues that copies have made it is 3 and more and stays so for seconds; where servers are 95 % busy it is 1.5 within a tenth of a second.
 * Each client sees that in its own calls, and without knowing of the others all of them give way.
 */
export class Lift {
  private lift = 1;
  private isHeld = false;
  private periodFromMs = 0;
  /** The period under way: its calls that were slow, and how many of them were to be expected. */
  private slow = 0;
  private expected = 0;
  /** The latest before it that had calls. */
  private slowBefore = 0;
  private expectedBefore = 0;
  private beforeToMs = -Infinity;

  /** How much of the budget to use, above 0 up to 1. */
  get easing(): number {
    return this.lift <= CALM_LIFT ? 1 : (CALM_LIFT / this.lift) ** STEEPNESS;
  }

  /** Whether the origin has an outage: everything is slow then, and that is no queue. Nothing is learnt, and of what was learnt when it began not all is believed. */
  hold(isHeld: boolean): void {
    this.isHeld = isHeld;
    if (isHeld) this.lift = Math.min(this.lift, MOST_HELD);
  }

  /**
   * A primary was answered, or overtaken.
   *
   * @param isSlow - whether it took long. One that was overtaken did not: its call has an answer.
   * @param share - how many of its route do, above 0 up to 1.
   */
  see(isSlow: boolean, share: number, nowMs: number): void {
    if (nowMs - this.periodFromMs >= PERIOD_MS) this.next(nowMs);
    if (isSlow) this.slow++;
    this.expected += share;
  }

  private next(nowMs: number): void {
    if (this.expected > 0) {
      if (!this.isHeld && this.periodFromMs - this.beforeToMs <= MOST_GAP_MS) this.learn();
      this.slowBefore = this.slow;
      this.expectedBefore = this.expected;
      this.beforeToMs = this.periodFromMs + PERIOD_MS;
    }
    this.slow = this.expected = 0;
    this.periodFromMs = nowMs - (nowMs % PERIOD_MS);
  }

  /** Each slow call of the period before has found so many times as many slow ones after it as usual. */
  private learn(): void {
    const memory = Math.max(MEMORY_CALLS, MEMORY_PERIODS * this.expectedBefore);
    const weight = 1 - Math.exp(-this.slowBefore / memory);
    this.lift = Math.min(MOST_LIFT, this.lift + weight * (this.slow / this.expected - this.lift));
  }
}
