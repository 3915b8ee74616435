import { afterTimer } from '../common/clock.js';
import { HedgeTimers, LONGEST_TIMER_MS, TIMER_SLACK_MS, type Waiting } from './waiting.js';

/**
 * A timer for each that waits, where timers belong to the request that set them ({@link Clock.isPerRequest}): one that all share would end
 * with the call that happened to set it, and the others would wait for ever.
 */
export class OwnTimers extends HedgeTimers {
  private readonly timers = new WeakMap<Waiting, unknown>();

  override add(waiting: Waiting, dueAtMs: number, nowMs: number): void {
    waiting.dueAtMs = dueAtMs;
    waiting.isWaiting = true;
    this.set(waiting, nowMs);
  }

  override remove(waiting: Waiting): void {
    if (!waiting.isWaiting) return;
    waiting.isWaiting = false;
    this.clock.clearTimeout(this.timers.get(waiting));
    this.timers.delete(waiting);
  }

  private set(waiting: Waiting, nowMs: number): void {
    const timer = this.clock.setTimeout(() => afterTimer(this.clock, () => this.onPolled(waiting, timer)), Math.min(waiting.dueAtMs - nowMs, LONGEST_TIMER_MS));
    this.timers.set(waiting, timer);
  }

  /** It may have been removed since, and may wait anew. */
  private onPolled(waiting: Waiting, timer: unknown): void {
    if (this.timers.get(waiting) !== timer) return;
    const nowMs = this.clock.now();
    if (nowMs + TIMER_SLACK_MS < waiting.dueAtMs) return this.set(waiting, nowMs);
    this.timers.delete(waiting);
    waiting.isWaiting = false;
    this.lateness.note(nowMs - waiting.dueAtMs);
    waiting.onDue(nowMs);
  }

  /** A call that comes back has had its timer all along. */
  protected override isBack(): void {
    // Nothing is left to do.
  }
}
