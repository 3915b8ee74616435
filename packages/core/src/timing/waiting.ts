import type { Clock } from '../common/clock.js';
import { Lateness } from './lateness.js';

/**
 * A timer that fires this little too early is on time. Timers count whole milliseconds and may fire up to one early: waiting
 * for another one each time would launch every hedge late, and hedge less than the delay asks for.
 */
export const TIMER_SLACK_MS = 0.5;

/** Timers of every platform overflow beyond this. What is due later waits for several of them. */
export const LONGEST_TIMER_MS: number = 2 ** 31 - 1;

/** Something that waits for its time; a link of the lists that `SharedTimers` keeps. */
export abstract class Waiting {
  dueAtMs = 0;
  isWaiting = false;
  /** Its time has come, and it has not been told yet. */
  isDue = false;
  previous: Waiting | undefined = undefined;
  next: Waiting | undefined = undefined;
  /** Its way back into the context in which it began to wait. */
  wayBack: ((waiting: Waiting) => void) | undefined = undefined;
  /** Whether it has to have one although it does not wait. */
  keepsWayBack = false;

  /** Its time has come. Runs in its own context. */
  abstract onDue(nowMs: number): void;

  /** It was brought back, be it because its time has come or for a reason of its own. Runs in its own context. */
  onBack(): void {
    // Most have no reason of their own.
  }
}

/** The timers of hedges that wait, and the way back into the context of each call. */
export abstract class HedgeTimers {
  protected readonly clock: Clock;
  /** How late those were told that were due. */
  readonly lateness: Lateness = new Lateness();

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** To be called in the context of `waiting`. */
  abstract add(waiting: Waiting, dueAtMs: number, nowMs: number): void;

  abstract remove(waiting: Waiting): void;

  /** Lets `waiting`, in whose context this is called, be brought {@link back}. */
  keepWayBack(waiting: Waiting): void {
    if (waiting.wayBack !== undefined) return;
    const { bind } = this.clock;
    if (bind !== undefined) {
      waiting.wayBack = bind(() => this.onBack(waiting));
      return;
    }
    // A reaction runs in the context in which it was attached. Every call that waits pays for this: so no closures.
    void new Promise<Waiting>(this.takeResolve).then(this.onBack);
    waiting.wayBack = this.resolve;
    this.resolve = undefined; // it holds the context of the call
  }

  private resolve: ((waiting: Waiting) => void) | undefined = undefined;
  private readonly takeResolve = (resolve: (waiting: Waiting) => void): void => {
    this.resolve = resolve;
  };

  /** Brings it back into its own context. */
  back(waiting: Waiting): void {
    const { wayBack } = waiting;
    waiting.wayBack = undefined;
    wayBack?.(waiting);
  }

  private readonly onBack = (waiting: Waiting): void => {
    const { isDue } = waiting;
    waiting.isDue = false;
    waiting.onBack();
    if (isDue) waiting.onDue(this.clock.now());
    this.isBack(waiting);
    if (waiting.isWaiting || waiting.keepsWayBack) this.keepWayBack(waiting);
  };

  /** What else is to be done in the context of `waiting`. */
  protected abstract isBack(waiting: Waiting): void;
}
