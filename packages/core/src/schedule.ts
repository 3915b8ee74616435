import type { Clock } from './clock.js';

/**
 * A timer that fires this little too early is on time. Timers count whole milliseconds and may fire up to one early: waiting
 * for another one each time would launch every hedge late, and hedge less than the delay asks for.
 */
const TIMER_SLACK_MS = 0.5;

/** Tells when the planned hedges of one call are due, one after another, until it is stopped. */
export class HedgeSchedule {
  private readonly clock: Clock;
  private readonly delaysMs: readonly number[];
  private readonly startedAtMs: number;
  private readonly onDue: (elapsedMs: number) => void;
  /** Index of the next planned delay. */
  private next = 0;
  private timer: unknown = undefined;
  private stopped = false;

  /** `onDue` is told how many milliseconds after the call's start it is. */
  constructor(clock: Clock, delaysMs: readonly number[], startedAtMs: number, onDue: (elapsedMs: number) => void) {
    this.clock = clock;
    this.delaysMs = delaysMs;
    this.startedAtMs = startedAtMs;
    this.onDue = onDue;
  }

  /** Announces every hedge whose time has come and sets the timer for the next. */
  advance(elapsedMs: number): void {
    while (this.next < this.delaysMs.length && !this.stopped) {
      const remainingMs = (this.delaysMs[this.next] ?? 0) - elapsedMs;
      if (remainingMs > TIMER_SLACK_MS) {
        this.timer = this.clock.setTimeout(this.onTimer, remainingMs);
        return;
      }
      this.next++;
      this.onDue(elapsedMs);
    }
  }

  /** The next planned hedge was launched early. */
  skip(): void {
    this.next++;
  }

  stop(): void {
    this.stopped = true;
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
  }

  /**
   * A timer that was held up by a busy event loop would duplicate requests whose answers already wait in their sockets: let
   * the loop read them first.
   */
  private readonly onTimer = (): void => {
    this.timer = undefined;
    this.clock.afterPoll(() => {
      if (!this.stopped) this.advance(this.clock.now() - this.startedAtMs);
    });
  };
}
