import { Waiting, type HedgeTimers } from './timers.js';

/** What launches hedges: told, in milliseconds since the call's start, when one is due. */
export interface Launcher {
  onHedgeDue(elapsedMs: number): void;
}

/** The planned hedges of one call, one after another, until it is stopped. */
export class HedgeSchedule extends Waiting {
  private readonly timers: HedgeTimers;
  private readonly delaysMs: readonly number[];
  private readonly startedAtMs: number;
  private readonly launcher: Launcher;
  /** Index of the next planned delay. */
  private upcoming = 0;
  private stopped = false;

  constructor(timers: HedgeTimers, delaysMs: readonly number[], startedAtMs: number, launcher: Launcher) {
    super();
    this.timers = timers;
    this.delaysMs = delaysMs;
    this.startedAtMs = startedAtMs;
    this.launcher = launcher;
  }

  /** Announces the hedges that are due at once and waits for the next. */
  begin(): void {
    while (this.delaysMs[this.upcoming] === 0 && !this.stopped) {
      this.upcoming++;
      this.launcher.onHedgeDue(0);
    }
    this.waitForNext(this.startedAtMs);
  }

  /** The next planned hedge was launched early. */
  skip(): void {
    this.upcoming++;
  }

  stop(): void {
    this.stopped = true;
    this.timers.remove(this);
  }

  override onDue(nowMs: number): void {
    this.upcoming++;
    this.launcher.onHedgeDue(nowMs - this.startedAtMs);
    this.waitForNext(nowMs);
  }

  private waitForNext(nowMs: number): void {
    const delayMs = this.delaysMs[this.upcoming];
    if (delayMs !== undefined && !this.stopped) this.timers.add(this, this.startedAtMs + delayMs, nowMs);
  }
}
