import { keep } from './adapter-calls.js';
import type { Attempt } from './attempt.js';
import type { Settled } from '../call.js';
import { compare } from './learning.js';
import { Settlement } from './settlement.js';

/** For how long a primary's outcome waits for its copies: one that never end must not keep it from the caller, who would have had it at once without them. */
export const MOST_PATIENCE_MS = 10_000;
/** A refusal, which they may have caused: ten times the delay, no less than this. */
const DOUBT = { delays: 10, leastMs: 1_000 };

/** A race whose primary has come to something that a copy may still do better: its outcome is kept, for so long. */
export abstract class Keeping<T> extends Settlement<T> {
  /** Whether what is kept would win, but for a doubt: the primary was refused, perhaps because its copy came first. */
  protected isInDoubt = false;
  private patienceTimer: unknown = undefined;
  /** How to end the race, for want of anything better, once it is back in its own context. */
  private end: (() => void) | undefined = undefined;

  protected abstract win(attempt: Attempt, settled: Settled<T>, elapsedMs: number): void;

  /** Kept as long as it can be, and no longer than that. */
  protected keep(settled: Settled<T>, patienceMs: number): void {
    this.stayReachable();
    if (this.open > 0) this.waitForCopies(patienceMs);
    keep(this.state.reporter, this.setup.call, settled, () => this.handOutKept());
  }

  private handOutKept(): void {
    this.endInContext(() => this.endWithKept(this.elapsedMs()));
  }

  protected waitForCopies(patienceMs: number): void {
    this.patienceTimer ??= this.state.clock.setTimeout(() => this.handOutKept(), patienceMs);
  }

  protected stopWaiting(): void {
    if (this.patienceTimer !== undefined) this.state.clock.clearTimeout(this.patienceTimer);
  }

  protected endWithKept(elapsedMs: number): void {
    const { kept, attempts: [primary] } = this;
    if (kept === undefined || primary === undefined) return;
    if (this.isInDoubt) this.win(primary, kept, elapsedMs);
    else this.finish('failed', kept, elapsedMs, primary);
  }

  /** The primary was refused. If its copy is answered, that was meant for the caller; the copy has some time for it. */
  protected doubt(settled: Settled<T>): void {
    this.isInDoubt = true;
    this.stopSchedule();
    this.delivered = this.kept = settled;
    this.keep(settled, Math.min(Math.max(DOUBT.delays * (this.delaysMs[0] ?? 0), DOUBT.leastMs), MOST_PATIENCE_MS));
  }

  /** The copy was answered: it had overtaken its primary, which was refused in its place. */
  protected overtaken(elapsedMs: number): void {
    const { setup, attempts: [primary] } = this;
    if (primary?.status === undefined) return;
    primary.isRefused = true;
    setup.place.noteRefusals().overtaken(primary.status, setup.place.calls);
    this.endAttempt(primary, 'failed', elapsedMs);
  }

  protected onCopyFailed(copy: Attempt, elapsedMs: number): void {
    const { setup, attempts: [primary] } = this;
    if (primary !== undefined) compare(setup, [copy], primary, true);
    // But for the primary itself, which has answered.
    if (this.open === 1) this.endWithKept(elapsedMs);
  }

  // Back into its own context

  /** Until it is settled it can be brought back into its own context. */
  protected stayReachable(): void {
    this.keepsWayBack = true;
    this.state.timers.keepWayBack(this);
  }

  protected endInContext(end: () => void): void {
    this.end = end;
    this.state.timers.back(this);
  }

  override onBack(): void {
    const { end } = this;
    this.end = undefined;
    if (!this.settled) end?.();
  }
}
