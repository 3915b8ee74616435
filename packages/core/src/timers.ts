import type { Clock } from './clock.js';

/**
 * A timer that fires this little too early is on time. Timers count whole milliseconds and may fire up to one early: waiting
 * for another one each time would launch every hedge late, and hedge less than the delay asks for.
 */
export const TIMER_SLACK_MS = 0.5;

/** Something that waits for its time; a link of the list that {@link HedgeTimers} keeps. */
export abstract class Waiting {
  dueAtMs = 0;
  isWaiting = false;
  previous: Waiting | undefined = undefined;
  next: Waiting | undefined = undefined;

  /** Its time has come. */
  abstract onDue(nowMs: number): void;
}

/**
 * One timer for all the hedges that a Hedger waits for. Nearly every call is settled before its hedge is due, and setting and
 * clearing a timer of its own would cost it more than everything else here; entering and leaving a list costs next to nothing.
 */
export class HedgeTimers {
  private readonly clock: Clock;
  private first: Waiting | undefined = undefined;
  private timer: unknown = undefined;
  private firesAtMs = Infinity;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add(waiting: Waiting, dueAtMs: number, nowMs: number): void {
    waiting.dueAtMs = dueAtMs;
    waiting.isWaiting = true;
    waiting.next = this.first;
    if (this.first !== undefined) this.first.previous = waiting;
    this.first = waiting;
    if (dueAtMs < this.firesAtMs) this.arm(dueAtMs, nowMs);
  }

  remove(waiting: Waiting): void {
    if (!waiting.isWaiting) return;
    const { previous, next } = waiting;
    if (previous === undefined) this.first = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    waiting.isWaiting = false;
    waiting.previous = waiting.next = undefined;
    if (this.first === undefined) this.disarm();
  }

  private arm(dueAtMs: number, nowMs: number): void {
    this.disarm();
    this.firesAtMs = dueAtMs;
    this.timer = this.clock.setTimeout(this.onTimer, dueAtMs - nowMs);
  }

  private disarm(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
    this.firesAtMs = Infinity;
  }

  /**
   * A timer that was held up by a busy event loop would duplicate requests whose answers already wait in their sockets: let
   * the loop read them first.
   */
  private readonly onTimer = (): void => {
    this.timer = undefined;
    this.clock.afterPoll(this.onPolled);
  };

  private readonly onPolled = (): void => {
    const nowMs = this.clock.now();
    const due: Waiting[] = [];
    let nextAtMs = Infinity;
    for (let waiting = this.first; waiting !== undefined; waiting = waiting.next) {
      if (waiting.dueAtMs - nowMs <= TIMER_SLACK_MS) due.push(waiting);
      else nextAtMs = Math.min(nextAtMs, waiting.dueAtMs);
    }
    this.disarm();
    for (const waiting of due) {
      // The one before it may have settled it.
      if (!waiting.isWaiting) continue;
      this.remove(waiting);
      waiting.onDue(nowMs);
    }
    if (this.first !== undefined && nextAtMs < this.firesAtMs) this.arm(nextAtMs, nowMs);
  };
}
