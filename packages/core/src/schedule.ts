import { Waiting, type HedgeTimers } from './timers.js';

/** The planned hedges of one call, announced one after another until it is stopped. A race is one, so that a call is one object. */
export abstract class HedgeSchedule extends Waiting {
  protected readonly delaysMs: readonly number[];
  protected readonly startedAtMs: number;
  private readonly timers: HedgeTimers;
  /** Index of the next planned delay. */
  private upcoming = 0;
  private stopped = false;

  constructor(timers: HedgeTimers, delaysMs: readonly number[], startedAtMs: number) {
    super();
    this.timers = timers;
    this.delaysMs = delaysMs;
    this.startedAtMs = startedAtMs;
  }

  /** A hedge is due, this many milliseconds after the call's start. */
  protected abstract onHedgeDue(elapsedMs: number): void;

  /** Announces the hedges that are due at once and waits for the next. */
  protected beginSchedule(): void {
    while (this.delaysMs[this.upcoming] === 0 && !this.stopped) {
      this.upcoming++;
      this.onHedgeDue(0);
    }
    this.waitForNext(this.startedAtMs);
  }

  /** The next planned hedge was launched early. */
  protected skipNext(): void {
    this.upcoming++;
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
    if (delayMs !== undefined && !this.stopped) this.timers.add(this, this.startedAtMs + delayMs, nowMs);
  }
}
