import { Probes } from './probes.js';

/** Evidence, as the logarithm of a likelihood ratio, that is enough to pause: a dozen hedges that took long for nothing. */
const ENOUGH = 4.5;
/** A route whose every answer names one instance needs less. */
const ENOUGH_FOR_ONE_INSTANCE = 3.75;
/** So little is enough to resume: three useful hedges more than useless ones take away. One may be luck. */
const LITTLE = 0.5;
/** A trial may run so many probes ahead of that. */
const MOST_AHEAD = 10;
/** Hedges that are decided within this time may all have waited for the same thing, say the end of a stall … */
const MOMENT_MS = 5;
/** … so together they count for fewer than this: no moment is enough to pause. */
const MOST_IN_MOMENT = 8;
/** The correlation shown looks back over about this many hedges that were expected to be of use. */
const MOST_EXPECTED = 50;
/** Some copies come late for reasons of their own, a new connection say. */
const LEAST_UNANSWERED = 0.05;

/** What became of a hedge. */
export interface Verdict {
  /** The chance that it is useful, were it independent of its primary. */
  readonly chance: number;
  readonly isUseful: boolean;
  /** The share of independent copies that would have been without an answer for as long. */
  readonly unanswered: number;
  /** Calls of the route by now. */
  readonly calls: number;
  readonly nowMs: number;
  /** Whether one instance gives all answers of the route. */
  readonly hasOneInstance: boolean;
}

/** The hedges that were decided at nearly the same time. */
interface Moment {
  readonly sinceMs: number;
  /** The evidence before the first of them. */
  before: number;
  hedges: number;
  /** What each alone would add to it. */
  steps: number;
}

/**
 * Whether copies help on one route. If they share the primary's fate (sticky sessions, one backend, requests slow by nature)
 * hedges are useful less often than independence predicts: with ρ the correlation, at (1 − ρ) times the rate.
 *
 * A cumulative sum test (Page, 1954) watches the hedges that were decided. Each adds the logarithm of how much likelier its
 * end is under a correlation clearly above `pauseAbove` than under one clearly below, the sum never falls under zero, and
 * hedging pauses when it is high. Hedges decided in one moment may share the cause, so n of them count for fewer
 * (Kish's design effect, 1965, with a correlation of 1 / {@link MOST_IN_MOMENT}).
 *
 * While paused a probe is sent now and then. If one is useful a trial begins: hedges one by one, each sent when the one before is
 * decided, until the sum is low (hedging resumes) or high again (it does not).
 */
export class EfficacyGate {
  /** Correlations clearly above and below that. */
  private readonly high: number;
  private readonly low: number;
  private evidence = 0;
  private expected = 0;
  private useful = 0;
  /** `undefined`: hedging is not paused. */
  private probes: Probes | undefined = undefined;
  private isAwaited = false;
  private moment: Moment = { sinceMs: -Infinity, before: 0, hedges: 0, steps: 0 };

  /** @param pauseAbove - the correlation above which hedging is not worth its load, in [0.5, 1). */
  constructor(pauseAbove: number) {
    this.high = 1 - (1 - pauseAbove) / 2;
    this.low = 1 - (1 - pauseAbove) * 2;
  }

  get isPaused(): boolean {
    return this.probes !== undefined;
  }

  /** 1 − useful hedges / those expected under independence, 0 to 1; `undefined` before anything is expected. */
  get correlation(): number | undefined {
    if (this.expected < 1) return undefined;
    return Math.min(1, Math.max(0, 1 - this.useful / this.expected));
  }

  /** A hedge was decided. */
  decide(verdict: Verdict): void {
    this.expected += verdict.chance;
    if (verdict.isUseful) this.useful++;
    if (this.expected > MOST_EXPECTED) {
      this.expected /= 2;
      this.useful /= 2;
    }
    this.weigh(verdict);
  }

  /** Both copies were answered by the same instance: whoever won, that is what the gate looks for. */
  collide(verdict: Verdict): void {
    this.weigh({ ...verdict, isUseful: false, hasOneInstance: true });
  }

  /** Whether a due hedge should be sent although hedging is paused. */
  owesHedge(calls: number): boolean {
    const isOnTrial = this.evidence < ENOUGH && !this.isAwaited;
    return this.probes?.isDue(calls, isOnTrial ? MOST_AHEAD : 0) === true;
  }

  /** It was sent. */
  sent(calls: number): void {
    if (this.probes === undefined) return;
    this.probes.sent(calls);
    this.isAwaited = true;
  }

  private weigh({ isUseful, unanswered, calls, nowMs, hasOneInstance }: Verdict): void {
    this.isAwaited = false;
    this.add(this.stepOf(isUseful, unanswered), nowMs);
    const enough = hasOneInstance ? ENOUGH_FOR_ONE_INSTANCE : ENOUGH;
    if (this.isPaused) {
      if (this.evidence <= LITTLE) this.resume();
    } else if (this.evidence >= enough) {
      this.moment.before += ENOUGH - this.evidence;
      this.evidence = ENOUGH;
      this.probes = new Probes(calls);
    }
  }

  /** A copy that shares its primary's fate is never useful; of independent ones a share is without an answer for as long. */
  private stepOf(isUseful: boolean, unanswered: number): number {
    const independent = isUseful ? 1 : Math.max(unanswered, LEAST_UNANSWERED);
    const shared = isUseful ? 0 : 1;
    return Math.log((this.high * shared + (1 - this.high) * independent) / (this.low * shared + (1 - this.low) * independent));
  }

  private add(step: number, nowMs: number): void {
    if (nowMs - this.moment.sinceMs > MOMENT_MS) this.moment = { sinceMs: nowMs, before: this.evidence, hedges: 0, steps: 0 };
    const { moment } = this;
    moment.hedges++;
    moment.steps += step;
    const weight = MOST_IN_MOMENT / (MOST_IN_MOMENT - 1 + moment.hedges);
    this.evidence = Math.min(ENOUGH, Math.max(0, moment.before + weight * moment.steps));
  }

  private resume(): void {
    this.probes = undefined;
    this.expected = this.useful = 0;
  }
}
