import { afterTimer } from '../common/clock.js';
import { HedgeTimers, LONGEST_TIMER_MS, TIMER_SLACK_MS, type Waiting } from './waiting.js';

/** The wheel has one slot per millisecond and goes round in this many: a power of two. */
const SLOTS = 256;

/**
 * One timer for all the hedges that a Hedger waits for. Nearly every call is settled before its hedge is due, and setting and
 * clearing a timer of its own would cost it more than everything else here; entering and leaving a list costs next to nothing.
 *
 * The lists are the slots of a hashed timing wheel (Varghese & Lauck, SOSP 1987): a tick visits what is due about now, however
 * many wait for later. What is due beyond one turn stays in its slot and is passed over until its turn comes.
 *
 * A timer runs in the context of whoever set it, so what it announces to others goes through their own {@link Waiting.wayBack}. And it keeps that
 * context alive: only somebody who waits may set it, and one who leaves hands it on.
 */
export class SharedTimers extends HedgeTimers {
  private readonly slots: (Waiting | undefined)[] = new Array<Waiting | undefined>(SLOTS).fill(undefined);
  private waiting = 0;
  /** Nothing that waits is due before this. */
  private toldUpToMs = 0;
  private timer: unknown = undefined;
  private firesAtMs = Infinity;
  /** In whose context the timer was set. */
  private setter: Waiting | undefined = undefined;
  /** Whether somebody who waits has yet to set it. */
  private isOwed = false;
  /** The newest, as long as it waits. */
  private newest: Waiting | undefined = undefined;

  override add(waiting: Waiting, dueAtMs: number, nowMs: number): void {
    const slot = slotOf(dueAtMs);
    const next = this.slots[slot];
    waiting.dueAtMs = dueAtMs;
    waiting.isWaiting = true;
    waiting.next = next;
    if (next !== undefined) next.previous = waiting;
    this.slots[slot] = waiting;
    this.newest = waiting;
    this.keepWayBack(waiting);
    if (this.waiting++ === 0) this.toldUpToMs = nowMs;
    if (dueAtMs < this.toldUpToMs) this.toldUpToMs = dueAtMs;
    if (dueAtMs < this.firesAtMs) this.arm(waiting, dueAtMs, nowMs);
  }

  override remove(waiting: Waiting): void {
    waiting.isDue = false;
    if (!waiting.isWaiting) return;
    this.unlink(waiting);
    if (this.waiting === 0) this.disarm();
    else if (waiting === this.setter) this.handOn();
  }

  protected override isBack(waiting: Waiting): void {
    if (this.isOwed) this.setAgain(waiting);
  }

  private unlink(waiting: Waiting): void {
    const { previous, next } = waiting;
    if (previous === undefined) this.slots[slotOf(waiting.dueAtMs)] = next;
    else previous.next = next;
    if (next !== undefined) next.previous = previous;
    waiting.isWaiting = false;
    waiting.previous = waiting.next = undefined;
    if (waiting === this.newest) this.newest = undefined;
    this.waiting--;
  }

  private arm(setter: Waiting, dueAtMs: number, nowMs: number): void {
    this.disarm();
    this.setter = setter;
    this.firesAtMs = dueAtMs;
    this.timer = this.clock.setTimeout(this.onTimer, Math.min(dueAtMs - nowMs, LONGEST_TIMER_MS));
  }

  private disarm(): void {
    if (this.timer !== undefined) this.clock.clearTimeout(this.timer);
    this.timer = undefined;
    this.firesAtMs = Infinity;
    this.setter = undefined;
  }

  /** The one that set the timer waits no more: another one shall have set it. */
  private handOn(): void {
    this.setter = undefined;
    this.owe();
  }

  /** Lets one that waits look after the timer: the newest, which will wait longest. */
  private owe(): void {
    this.isOwed = true;
    const next = this.newest ?? this.slots.find((head) => head !== undefined);
    if (next !== undefined) this.back(next);
  }

  /** Sets the timer in the context of `waiting`, in which this is called, if that waits still. */
  private setAgain(waiting: Waiting): void {
    if (!waiting.isWaiting) return this.owe();
    this.isOwed = false;
    const isSet = this.timer !== undefined && this.setter === undefined;
    const dueAtMs = isSet ? this.firesAtMs : this.nextAt();
    if (isSet || dueAtMs < this.firesAtMs) this.arm(waiting, dueAtMs, this.clock.now());
  }

  /**
   * A timer that was held up by a busy event loop would duplicate requests whose answers already wait in their sockets: let
   * the loop read them first.
   */
  private readonly onTimer = (): void => {
    this.timer = undefined;
    afterTimer(this.clock, this.onPolled);
  };

  private readonly onPolled = (): void => {
    const nowMs = this.clock.now();
    const due = this.dueBy(nowMs + TIMER_SLACK_MS);
    if (due.length === 0 && nowMs >= this.firesAtMs) this.lateness.note(nowMs - this.firesAtMs);
    this.disarm();
    for (const waiting of due) {
      this.lateness.note(nowMs - waiting.dueAtMs);
      this.unlink(waiting);
      waiting.isDue = true;
    }
    // The one before it may have settled it.
    for (const waiting of due) if (waiting.isDue) this.back(waiting);
    if (this.waiting > 0) this.owe();
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
