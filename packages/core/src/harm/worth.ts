import type { SurvivalCurve } from '../latency/survival-curve.js';
import { nothingPlanned, offerOf } from '../spare/offer.js';
import type { Spare } from '../spare/spare.js';

/** When to hedge by what is known of a route's latency. */
export interface TriggerRule {
  /** Rules of one name are one and the same. */
  readonly name: string;
  /** Hedge at this quantile, in (0, 1), … */
  readonly quantile: number;
  /** … no sooner and no later than this … */
  readonly minMs: number;
  readonly maxMs: number;
  /** … and only where a copy saves this share of the time that late requests have left, 0 to 1. */
  readonly worth: number;
  /** Whether the user left the quantile open, so that hedges may be sooner where other routes of the origin leave budget. Default `false`. */
  readonly isOpen?: boolean;
}

/** A copy that saves a fifth of what late requests have left saves a quarter of the time that it works itself. */
export const DEFAULT_WORTH = 0.2;
/** Delays that are tried differ by this factor, … */
const STEP = 1.05;
/** … or by more, so that there are at most so many. */
const MOST_STEPS = 48;
/** Standard errors by which a saving has to be above what it must be before hedging begins again, or waits for a later delay. */
const STANDARD_ERRORS = 2;
/** Hedging ends once so many samples more have said that it is not worth it than that it is: so minds change rarely, however few calls there are. */
const SAMPLES_AGAINST = 2_000;
/** A route takes what others leave once so many samples in a row have said that its hedges are worth it: a new tail may be an outage. */
const SAMPLES_FOR = 1_000;

/**
 * When hedges of a route are due by a {@link TriggerRule}, renewed with its latency. A hedge must be worth its load: of the time that late requests still have
 * left an independent copy must be expected to save at least `worth`; else the hedge waits for the first later delay where it does, or is not sent at all.
 * What is not hedged runs to its end, so a new tail shows by itself.
 */
export class Trigger {
  readonly rule: TriggerRule;
  private plannedMs: readonly number[];
  /** Sooner, by what other routes leave. */
  private soonerMs: readonly number[] | undefined = undefined;
  /** Of the origin. */
  private readonly spare: Spare | undefined;
  /** Unknown tails are taken to be worth it. */
  isWorthIt = true;
  isDecided = false;
  /** Samples that said that hedges are not worth it, less those that said they are. */
  private against = 0;
  /** Samples since hedges were worth it. */
  private since = 0;

  /**
   * @param knownMs - the quantile of the rule, known from before; `undefined` if it is not.
   * @param spare - what the routes of the origin leave of its budget, which open rules share.
   */
  constructor(rule: TriggerRule, knownMs: number | undefined, spare?: Spare) {
    this.rule = rule;
    this.spare = rule.isOpen === true ? spare : undefined;
    this.plannedMs = knownMs === undefined ? [] : [this.limit(knownMs)];
  }

  /** In milliseconds from the start of a call, and alone: where hedges are not worth it, when they would be due if they were; empty while too little is known. */
  get delaysMs(): readonly number[] {
    const { soonerMs } = this;
    return soonerMs !== undefined && this.spare?.isCalm === true ? soonerMs : this.plannedMs;
  }

  /** Whether it is sooner than by its rule, because other routes leave budget; also for calls under way, right after that was no longer so. */
  get isSooner(): boolean {
    return this.soonerMs !== undefined;
  }

  get delayMs(): number | undefined {
    return this.delaysMs[0];
  }

  /**
   * @param quantileMs - the quantile of the rule.
   * @param fresh - how many have come since the last time.
   */
  renew(curve: SurvivalCurve, quantileMs: number, fresh: number): void {
    const fromMs = this.limit(quantileMs);
    const worthwhileMs = this.firstWorthwhile(curve, fromMs);
    const isWorthIt = worthwhileMs !== undefined;
    this.against = this.isWorthIt ? Math.max(0, this.against + (isWorthIt ? -fresh : fresh)) : 0;
    this.isWorthIt = isWorthIt || (this.isWorthIt && this.isDecided && this.against < SAMPLES_AGAINST);
    this.plannedMs = [worthwhileMs ?? (this.isWorthIt ? this.limit(Math.max(fromMs, this.plannedMs[0] ?? 0)) : fromMs)];
    this.isDecided = true;
    this.since = isWorthIt ? this.since + fresh : 0;
  }

  /** After {@link renew}: gives the origin what is left of the route's part of the budget, and takes what others leave. */
  share(curve: SurvivalCurve, fresh: number, nowMs: number): void {
    if (this.spare === undefined) return;
    const { spare, rule } = this;
    const planned = 1 - rule.quantile;
    const [plannedMs = Infinity] = this.plannedMs;
    const offer = this.isWorthIt ? offerOf(curve, plannedMs, rule, (meanMs) => (this.since < SAMPLES_FOR ? 0 : spare.mostFor(this, planned, meanMs))) : nothingPlanned(curve);
    const hedges = spare.settle(this, offer, planned, fresh, nowMs);
    const soonerMs = hedges > offer.hedges ? curve.quantile(1 - hedges) : undefined;
    this.soonerMs = soonerMs === undefined || soonerMs >= plannedMs ? undefined : [this.limit(soonerMs)];
  }

  /** Latency has changed: nothing is given, and nothing taken, until it is known again. */
  startAfresh(): void {
    this.spare?.withdraw(this);
    this.soonerMs = undefined;
  }

  private firstWorthwhile(curve: SurvivalCurve, fromMs: number): number | undefined {
    const { worth, maxMs } = this.rule;
    if (worth === 0) return fromMs;
    const toMs = Math.min(maxMs, curve.identifiedUpToMs);
    if (fromMs >= toMs) return this.isWorthIt ? fromMs : undefined;
    const step = Math.max(STEP, (toMs / fromMs) ** (1 / MOST_STEPS));
    const late = curve.lateTime();
    for (let delayMs = fromMs; delayMs < toMs; delayMs *= step) {
      const { share, error } = late.savedAt(delayMs);
      const errors = this.isWorthIt && delayMs === fromMs ? 0 : STANDARD_ERRORS;
      if (share - errors * error >= worth) return delayMs;
    }
    return undefined;
  }

  private limit(delayMs: number): number {
    return Math.min(Math.max(delayMs, this.rule.minMs), this.rule.maxMs);
  }
}
