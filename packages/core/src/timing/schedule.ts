import { TIMER_SLACK_MS, Waiting, type HedgeTimers } from './waiting.js';

/** The planned hedges of one call, announced one after another until it is stopped. A race is one, so that a call is one object. */
export abstract class HedgeSchedule extends Waiting {
  protected readonly delaysMs: readonly number[];
  protected readonly startedAtMs: number;
  private readonly timers: HedgeTimers;
  /** Index of the next planned delay. */
  private upcoming = 0;
  /** By how much sooner than planned they are due, so that they are sent in time. */
  private leadMs = 0;
  /** By how much later than planned hedges are launched, because a server asked for it. */
  private lateMs = 0;
  private heldUntilMs = 0;
  private stopped = false;

  constructor(timers: HedgeTimers, delaysMs: readonly number[], startedAtMs: number) {
    super();
    this.timers = timers;
    this.delaysMs = delaysMs;
    this.startedAtMs = startedAtMs;
  }

  /** A hedge is due, this many milliseconds after the call's start. */
  protected abstract onHedgeDue(elapsedMs: number): void;

  /** How many planned hedges have been announced, or were launched early. */
  protected get announced(): number {
    return this.upcoming;
  }

  /** Announces the hedges that are due at once and waits for the next, each due by `leadMs` sooner than planned. */
  protected beginSchedule(leadMs: number): void {
    this.leadMs = leadMs;
    while (this.delaysMs[this.upcoming] === 0 && !this.stopped) {
      this.upcoming++;
      this.onHedgeDue(0);
    }
    this.waitForNext(this.startedAtMs);
  }

  /** Launches nothing for `waitMs` from now: the next hedge is put off, and those after it by as much. */
  protected hold(waitMs: number, elapsedMs: number): void {
    this.heldUntilMs = Math.max(this.heldUntilMs, elapsedMs + waitMs + TIMER_SLACK_MS);
    const delayMs = this.delaysMs[this.upcoming];
    if (delayMs === undefined) return;
    this.lateMs = Math.max(this.lateMs, this.heldUntilMs - delayMs);
    this.timers.remove(this);
    this.waitForNext(this.startedAtMs + elapsedMs);
  }

  /** Whether a server's wish to wait is in force. */
  protected isHeld(elapsedMs: number): boolean {
    return this.heldUntilMs > elapsedMs + TIMER_SLACK_MS;
  }

  /** The next planned hedge is launched early: it must not come again in its own time. */
  protected skipNext(elapsedMs: number): void {
    this.upcoming++;
    this.timers.remove(this);
    this.waitForNext(this.startedAtMs + elapsedMs);
  }

  protected stopSchedule(): void {
    this.stopped = true;
    this.timers.remove(this);
  }

  override onDue(nowMs: number): void {
    this.upcoming++;
    this.onHedgeDue(nowMs - this.startedAtMs);
    this.waitForNext(nowMs);
  }

  private waitForNext(nowMs: number): void {
    const delayMs = this.delaysMs[this.upcoming];
    if (delayMs === undefined || this.stopped || this.isWaiting || this.lateMs === Infinity) return;
    this.timers.add(this, this.startedAtMs + this.lateMs + delayMs - this.leadMs, nowMs);
  }
}
