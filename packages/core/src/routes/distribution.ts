import { runLater, type Clock } from '../common/clock.js';
import { forgetOldest } from '../common/lru.js';
import { GoalEstimates } from '../goal/estimates.js';
import type { GoalEstimate, GoalRule } from '../goal/goal.js';
import type { Slowness } from '../harm/call-order.js';
import { Drift } from '../harm/drift.js';
import type { Lift } from '../harm/lift.js';
import { Triggers } from '../harm/triggers.js';
import type { Trigger, TriggerRule } from '../harm/worth.js';
import { trustedQuantile } from '../latency/gap.js';
import { kaplanMeier, samplesNeeded, type BucketCounts } from '../latency/kaplan-meier.js';
import { savedLatency, type SavedLatency } from '../latency/snapshot.js';
import type { SurvivalCurve } from '../latency/survival-curve.js';
import { fromPairs, LatencyWindow } from '../latency/window.js';
import type { Pool } from './pool.js';

/** Estimates are renewed after this many samples … */
const SAMPLES_PER_REFRESH = 250;
/** … or this much time, whichever comes first. */
const REFRESH_MS = 1_000;
/** What the recent past is compared with. */
const TAIL_QUANTILE = 0.9;
const REFERENCE_QUANTILES = [0.5, TAIL_QUANTILE];
/** Where hardly any takes longer that says little. */
const LEAST_SLOW = 0.02;
/** Quantiles remembered per distribution; callers rarely ask for more than a few. */
const MOST_QUANTILES = 16;

/**
 * The latency of primaries that share a key. On the request path a sample is only noted down; digesting samples and renewing
 * the cached estimates happens off it.
 */
export class Distribution {
  readonly key: string;
  private readonly clock: Clock;
  private readonly window: LatencyWindow;
  private readonly windowMs: number;
  /** Samples not digested yet: milliseconds, negative if censored. */
  private noted: number[] = [];
  /** When the last of them was noted. */
  private notedAtMs = 0;
  /** Samples since the estimates were renewed: whoever looks in between digests what is noted, and must not put that off. */
  private sinceRefresh = 0;
  /** The last known value of every quantile asked for; outlives its samples, so an idle spell does not forget it. */
  private readonly estimates = new Map<number, number | undefined>();
  readonly triggers: Triggers;
  /** Made for routes that seek a goal. */
  private goals: GoalEstimates | undefined = undefined;
  /** The samples that the next unknown quantile waits for: warm-up is over as soon as they are there. */
  private samplesAwaited = Infinity;
  private refreshedAtMs = -Infinity;
  private refreshScheduled = false;
  /** Whether anybody asked since the last refresh; an origin is rarely asked once its routes are known. */
  private isWanted = false;
  private readonly drift = new Drift();
  private readonly lift: Lift | undefined;
  /** What nine primaries in ten do not exceed, as known last. */
  slowness: Slowness | undefined = undefined;
  /** What {@link REFERENCE_QUANTILES} were when they were known last: where an outage leaves nothing known, it must not hide itself. */
  private references: readonly (number | undefined)[] = [];
  /** What a snapshot brought. */
  private lastKnown: BucketCounts | undefined = undefined;
  /** How many times what came before was forgotten. */
  resets = 0;
  /** How many times the estimates were renewed. */
  refreshes = 0;

  /** @param pool - of the origin, for a route. */
  constructor(key: string, windowMs: number, subWindows: number, clock: Clock, pool?: Pool) {
    this.key = key;
    this.clock = clock;
    this.windowMs = windowMs;
    this.window = new LatencyWindow(windowMs, subWindows);
    this.triggers = new Triggers(pool?.spare);
    this.lift = pool?.lift;
  }

  /** The distribution as of now; `undefined` while there are too few samples for its upper quantiles. */
  curve(): SurvivalCurve | undefined {
    return this.samples < samplesNeeded(TAIL_QUANTILE) ? undefined : kaplanMeier(this.window.counts(this.clock.now()));
  }

  /** Samples remembered now. */
  get samples(): number {
    this.digest();
    return this.window.samples(this.clock.now());
  }

  record(elapsedMs: number, isCensored: boolean, nowMs: number): void {
    if (nowMs - this.notedAtMs >= REFRESH_MS) this.digest();
    this.notedAtMs = nowMs;
    this.noted.push(isCensored ? -elapsedMs : elapsedMs);
    this.sinceRefresh++;
    const { slowness } = this;
    if (slowness !== undefined) this.lift?.see(!isCensored && elapsedMs > slowness.ms, slowness.share, nowMs);
    if (this.refreshScheduled || !this.isRefreshDue(nowMs)) return;
    this.refreshScheduled = true;
    runLater(this.clock, () => this.refresh());
  }

  /** When hedges for a quantile are due by the last estimate, in milliseconds; `undefined` if there never were enough samples, or it is none. */
  quantile(quantile: number): number | undefined {
    this.isWanted = true;
    const known = this.estimates.get(quantile);
    // A delay function may ask for anything; 1 and above are never reached.
    if (known !== undefined || this.estimates.has(quantile) || !(quantile > 0)) return known;
    forgetOldest(this.estimates, MOST_QUANTILES);
    this.estimates.set(quantile, undefined);
    this.refresh();
    return this.estimates.get(quantile);
  }

  /** When hedges are due by a rule, as decided last; `undefined` if there never were enough samples. */
  trigger(rule: TriggerRule): Trigger | undefined {
    this.isWanted = true;
    let trigger = this.triggers.get(rule);
    if (trigger === undefined) {
      trigger = this.triggers.add(rule, this.estimates.get(rule.quantile));
      this.refresh();
    }
    return trigger.delayMs === undefined ? undefined : trigger;
  }

  /** The last plan for a goal; `undefined` if there never were enough samples. */
  goal(rule: GoalRule): GoalEstimate | undefined {
    this.isWanted = true;
    this.goals ??= new GoalEstimates(this.windowMs);
    if (!this.goals.has(rule)) {
      this.goals.add(rule);
      this.refresh();
    }
    return this.goals.get(rule);
  }

  /** A quantile as of now, for those who look rarely; `undefined` while there are too few samples. */
  currentQuantile(quantile: number): number | undefined {
    if (this.samples < samplesNeeded(quantile)) return undefined;
    return kaplanMeier(this.window.counts(this.clock.now())).quantile(quantile);
  }

  /** What a snapshot keeps; `undefined` if nothing is known. */
  save(): SavedLatency | undefined {
    const isEmpty = this.samples === 0;
    return savedLatency(isEmpty && this.lastKnown ? this.lastKnown : this.window.counts(this.clock.now()), this.estimates);
  }

  /** Takes what was saved `ageMs` ago. Older than the window it is no sample any more, but what was known last. */
  load({ events, censored, estimates }: SavedLatency, ageMs: number): void {
    const counts = fromPairs(events, censored);
    const nowMs = this.clock.now();
    this.window.add(counts, nowMs - ageMs, nowMs);
    this.lastKnown ??= counts;
    for (let index = 0; index < estimates.length; index += 2) {
      const [quantile = 0, ms] = estimates.slice(index, index + 2);
      if (this.estimates.get(quantile) !== undefined) continue;
      forgetOldest(this.estimates, MOST_QUANTILES);
      this.estimates.set(quantile, ms);
    }
  }

  private isRefreshDue(nowMs: number): boolean {
    if (this.sinceRefresh >= SAMPLES_PER_REFRESH || nowMs - this.refreshedAtMs >= REFRESH_MS) return true;
    return this.samplesAwaited < Infinity && this.samples >= this.samplesAwaited;
  }

  private refresh(): void {
    const nowMs = this.clock.now();
    this.refreshScheduled = false;
    this.refreshedAtMs = nowMs;
    const fresh = this.sinceRefresh;
    this.sinceRefresh = 0;
    this.digest();
    const stillTrue = this.drift.contradiction(nowMs);
    if (stillTrue !== undefined) this.startAfresh(stillTrue, nowMs);
    this.samplesAwaited = Infinity;
    if (!this.isWanted && this.lift === undefined) return;
    this.isWanted = false;
    this.refreshes++;
    const samples = this.window.samples(nowMs);
    const asked = this.quantilesAsked();
    const quantiles = [...asked, ...(this.goals?.quantiles() ?? [])];
    this.samplesAwaited = Math.min(...quantiles.map(samplesNeeded).filter((needed) => needed > samples));
    const curve = kaplanMeier(this.window.counts(nowMs));
    for (const quantile of asked) {
      const value = trustedQuantile(curve, quantile);
      if (value === undefined) continue;
      this.estimates.set(quantile, value);
      this.triggers.refresh(quantile, curve, value, fresh, nowMs);
    }
    this.goals?.refresh(curve, samples);
    if (this.lastKnown !== undefined) this.recall(this.lastKnown, quantiles.length > 0 && quantiles.every((quantile) => samples >= samplesNeeded(quantile)));
    this.compareWith(samples >= samplesNeeded(TAIL_QUANTILE) ? curve : undefined);
  }

  /** Fills in from a snapshot what the window does not tell; once it tells everything the snapshot is let go. */
  private recall(counts: BucketCounts, isKnown: boolean): void {
    if (isKnown) return void (this.lastKnown = undefined);
    const curve = kaplanMeier(counts);
    for (const quantile of this.quantilesAsked()) {
      const value = trustedQuantile(curve, quantile);
      if (value === undefined) continue;
      if (this.estimates.get(quantile) === undefined) this.estimates.set(quantile, value);
      this.triggers.recall(quantile, curve, value);
    }
    this.goals?.recall(curve, curve.samples);
  }

  /** By callers, and by triggers, for which one that had to be forgotten is estimated again. */
  private quantilesAsked(): Set<number> {
    return new Set([...this.estimates.keys(), ...this.triggers.quantiles()]);
  }

  /** What the samples to come are compared with. */
  private compareWith(curve: SurvivalCurve | undefined): void {
    this.slowness = curve?.slowest(1 - TAIL_QUANTILE, LEAST_SLOW) ?? this.slowness;
    this.references = REFERENCE_QUANTILES.map((quantile, index) => curve?.quantile(quantile) ?? this.references[index]);
    this.drift.expect(
      REFERENCE_QUANTILES.flatMap((quantile, index) => {
        const ms = this.references[index];
        return ms === undefined ? [] : [{ share: 1 - quantile, ms }];
      }),
    );
  }

  private startAfresh(stillTrue: readonly number[], nowMs: number): void {
    this.resets++;
    this.window.clear();
    this.lastKnown = undefined;
    this.goals?.startAfresh();
    this.triggers.startAfresh();
    for (const sample of stillTrue) this.window.record(Math.abs(sample), sample < 0, nowMs);
  }

  private digest(): void {
    for (const sample of this.noted) {
      const elapsedMs = Math.abs(sample);
      this.window.record(elapsedMs, sample < 0, this.notedAtMs);
      this.drift.see(sample);
    }
    this.noted = [];
  }
}
