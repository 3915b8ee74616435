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

/** The wheel has one slot per millisecond and goes round in this many: a power of two. */
const SLOTS = 256;

/**
 * One timer for all the hedges that a Hedger waits for. Nearly every call is settled before its hedge is due, and setting and
 * clearing a timer of its own would cost it more than everything else here; entering and leaving a list costs next to nothing.
 *
 * The lists are the slots of a hashed timing wheel (Varghese & Lauck, SOSP 1987): a tick visits what is due about now, however
 * many wait for later. What is due beyond one turn stays in its slot and is passed over until its turn comes.
 */
export class HedgeTimers {
  private readonly clock: Clock;
  private readonly slots: (Waiting | undefined)[] = new Array<Waiting | undefined>(SLOTS).fill(undefined);
  private waiting = 0;
  /** Nothing that waits is due before this. */
  private toldUpToMs = 0;
  private timer: unknown = undefined;
  private firesAtMs = Infinity;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  add(waiting: Waiting, dueAtMs: number, nowMs: number): void {
    const slot = slotOf(dueAtMs);
    const next = this.slots[slot];
    waiting.dueAtMs = dueAtMs;
    waiting.isWaiting = true;
    waiting.next = next;
    if (next !== undefined) next.previous = waiting;
    this.slots[slot] = waiting;
    if (this.waiting++ === 0) this.toldUpToMs = nowMs;
    if (dueAtMs < this.toldUpToMs) this.toldUpToMs = dueAtMs;
    if (dueAtMs < this.firesAtMs) this.arm(dueAtMs, nowMs);
  }

  remove(waiting: Waiting): void {
    if (!waiting.isWaiting) return;
    const { previous, next } = waiting;
    if (previous === undefined) this.slots[slotOf(waiting.dueAtMs)] = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    waiting.isWaiting = false;
    waiting.previous = waiting.next = undefined;
    if (--this.waiting === 0) this.disarm();
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
    const due = this.dueBy(nowMs + TIMER_SLACK_MS);
    this.disarm();
    for (const waiting of due) {
      // The one before it may have settled it.
      if (!waiting.isWaiting) continue;
      this.remove(waiting);
      waiting.onDue(nowMs);
    }
    if (this.waiting === 0) return;
    const nextAtMs = this.nextAt();
    if (nextAtMs < this.firesAtMs) this.arm(nextAtMs, nowMs);
  };

  private dueBy(byMs: number): Waiting[] {
    const due: Waiting[] = [];
    const last = Math.floor(byMs);
    for (let ms = Math.max(Math.floor(this.toldUpToMs), last - SLOTS + 1); ms <= last; ms++) {
      for (let waiting = this.slots[slotOf(ms)]; waiting !== undefined; waiting = waiting.next) {
        if (waiting.dueAtMs <= byMs) due.push(waiting);
      }
    }
    this.toldUpToMs = byMs;
    return due;
  }

  /** When the next is due, or when a slot comes in which something waits for a later turn. */
  private nextAt(): number {
    const first = Math.floor(this.toldUpToMs);
    for (let ms = first; ms < first + SLOTS; ms++) {
      const head = this.slots[slotOf(ms)];
      if (head === undefined) continue;
      let nextAtMs = Infinity;
      for (let waiting: Waiting | undefined = head; waiting !== undefined; waiting = waiting.next) {
        if (waiting.dueAtMs < ms + 1) nextAtMs = Math.min(nextAtMs, waiting.dueAtMs);
      }
      if (nextAtMs < Infinity) return nextAtMs;
      if (ms > first) return ms;
    }
    return first + SLOTS;
  }
}

function slotOf(ms: number): number {
  return Math.floor(ms) & (SLOTS - 1);
}
