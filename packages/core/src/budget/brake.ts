/** How often it looks, and how many looks in a row must agree. */
const PERIOD_MS = 500;
const LEAST_LOOKS = 2;
/** Fewer calls say nothing. */
const LEAST_CALLS = 10;
/** More than half of the calls due, and the odds four times the usual: that is no bad luck, nor one backend of three. */
const OUTAGE_SHARE = 0.5;
const OUTAGE_ODDS = 4;
/** How fast the usual share is learnt, per look: in calm times, and while braking, so that what lasts becomes usual in the end. */
const CALM_WEIGHT = 0.1;
const BRAKING_WEIGHT = 0.005;
/** Never less of the budget than this. */
const LEAST_FACTOR = 1 / 32;

/**
 * Notices an outage: most calls come due for a hedge where few usually do. Copies of everything would then hit services that
 * answer nothing. Every half second that it lasts halves the share of the budget in force; as soon as calls are due at a usual rate
 * again, all of it is back. Refusals cannot tell when it has passed, because a braked budget refuses anyway.
 */
export class OutageBrake {
  /** Share of the budget in force, above 0 up to 1. */
  factor = 1;
  private calls = 0;
  private due = 0;
  private usualShare: number | undefined = undefined;
  private sinceMs: number | undefined = undefined;
  private looksOut = 0;

  /** A hedge is due, `calls` calls after the one before. */
  onDue(calls: number, nowMs: number): void {
    this.sinceMs ??= nowMs;
    this.calls += calls;
    this.due++;
    if (nowMs - this.sinceMs < PERIOD_MS || this.calls < LEAST_CALLS) return;
    this.look(Math.min(1, this.due / this.calls));
    this.calls = this.due = 0;
    this.sinceMs = nowMs;
  }

  private look(share: number): void {
    const usual = (this.usualShare ??= share);
    const isOut = share > OUTAGE_SHARE && share * (1 - usual) > OUTAGE_ODDS * usual * (1 - share);
    this.looksOut = isOut ? this.looksOut + 1 : 0;
    if (!isOut) this.factor = 1;
    else if (this.looksOut >= LEAST_LOOKS) this.factor = Math.max(LEAST_FACTOR, this.factor / 2);
    this.usualShare = usual + (isOut ? BRAKING_WEIGHT : CALM_WEIGHT) * (share - usual);
  }
}
