import { Resets } from '../adapter/resets.js';
import { resolveBudget, type ResolvedBudget } from '../budget/budget.js';
import { Pushbacks } from '../budget/pushback.js';
import type { HedgeCall, HedgeRequest, RaceUntil } from '../call.js';
import { runLater, type Clock } from '../common/clock.js';
import { Reporter } from '../common/reporter.js';
import type { Decided } from '../harm/gate.js';
import type { IneligibleReason, SuppressionReason } from '../info.js';
import type { HedgerChanges, HedgerOptions } from '../options/hedger-options.js';
import { CHANGE_NAMES } from '../options/names.js';
import { checkObject } from '../options/validate.js';
import { OptionsCache } from '../plan/options-cache.js';
import { admit } from '../plan/eligibility.js';
import type { Plan } from '../plan/plan.js';
import type { ResolvedHedgeOptions } from '../plan/resolved-options.js';
import { resolveSettings } from '../plan/hedger-settings.js';
import { Counters } from '../reporting/counters.js';
import type { HedgerStats } from '../reporting/stats.js';
import { Observers, type Watch } from '../reporting/observers.js';
import { LatencyMemory } from '../routes/memory.js';
import type { LatencySettings, Place } from '../routes/place.js';
import { Savings } from '../savings/savings.js';
import { TargetLoads } from '../steering/loads.js';
import { CallIds } from '../steering/call-ids.js';
import { OwnTimers } from '../timing/own-timers.js';
import { Reading } from '../timing/reading.js';
import { SharedTimers } from '../timing/shared-timers.js';
import { Turns } from '../timing/turns.js';
import type { HedgeTimers } from '../timing/waiting.js';
import { bypass } from './bypass.js';

/** What the calls of a Hedger share. */
export class HedgerState {
  readonly clock: Clock;
  readonly reporter: Reporter;
  readonly counters: Counters = new Counters();
  readonly observers: Observers;
  readonly memory: LatencyMemory;
  readonly latency: LatencySettings;
  budget: ResolvedBudget;
  readonly options: OptionsCache;
  /** How many attempts are under way where. */
  readonly loads: TargetLoads = new TargetLoads();
  /** Who has asked to be left alone. */
  readonly pushbacks: Pushbacks;
  readonly resets: Resets;
  /** For servers. */
  readonly ids: CallIds;
  readonly savings: Savings;
  readonly timers: HedgeTimers;
  /** How long answers wait until they are read. */
  readonly reading: Reading;
  /** For calls that settle with one and the same object. */
  readonly turns: Turns = new Turns();
  /** No more hedges. */
  disposed = false;
  private readonly maxConcurrentHedges: number;

  /** @throws TypeError or RangeError that names the option, what was expected and what came. */
  constructor(options: HedgerOptions) {
    const reporter = new Reporter();
    const { clock, budget, latency, maxConcurrentHedges, maxResetsPerSecond } = resolveSettings(options, reporter);
    this.clock = clock;
    this.reporter = reporter;
    this.observers = new Observers(reporter);
    this.timers = clock.isPerRequest === true ? new OwnTimers(clock) : new SharedTimers(clock);
    this.memory = new LatencyMemory(latency, clock, this.timers.lateness);
    this.latency = latency;
    this.budget = budget;
    this.options = new OptionsCache(options, budget, reporter);
    this.pushbacks = new Pushbacks(clock, latency.maxKeys);
    this.resets = new Resets(clock, maxResetsPerSecond);
    this.ids = new CallIds(clock.random);
    this.savings = new Savings(clock);
    this.reading = new Reading(clock);
    this.maxConcurrentHedges = maxConcurrentHedges;
  }

  /** Checks everything before anything is changed. */
  configure(changes: HedgerChanges): void {
    checkObject('options', changes, CHANGE_NAMES);
    const { budget } = this;
    const next = changes.budget === undefined ? budget : resolveBudget(changes.budget, this.latency.maxKeys, this.reporter);
    const apply = this.options.prepare(changes, next);
    if (next !== budget) next.allowance?.succeed(budget.allowance, this.clock.now());
    this.budget = next;
    apply();
  }

  /** A request that may be hedged, with all that is known of it; or why it may not. */
  admit(request: HedgeRequest, options: ResolvedHedgeOptions): HedgeRequest | IneligibleReason {
    return this.disposed ? 'disposed' : admit(request, options);
  }

  /** Runs a call that is not to be hedged, and counts it. */
  bypass<T>(call: HedgeCall<T>, reason: IneligibleReason): Promise<T> {
    this.recordBypass(call.request, reason);
    return bypass(call, reason, this.clock);
  }

  recordBypass(request: HedgeRequest, reason: IneligibleReason): void {
    this.counters.bypass(reason);
    this.observers.bypassed(request, reason);
  }

  /** An eligible call begins. */
  enter(request: HedgeRequest, raceUntil: RaceUntil | undefined, nowMs: number): Place {
    const place = this.memory.locate(request, raceUntil ?? 'body');
    place.order.begin(++place.calls, nowMs);
    this.counters.begin(nowMs);
    this.budget.allowance?.deposit(place.origin, nowMs);
    return place;
  }

  /** Takes permission to send one hedge of a call now, or says why not. `destination`: its origin, if it is not the primary's. */
  permit(place: Place, call: number, nowMs: number, destination: string | undefined): SuppressionReason | undefined {
    const { origin, gate } = place;
    if (this.pushbacks.isOn(destination ?? origin, nowMs)) return 'pushback';
    if (place.refusals?.isClosed(place.calls) === true) return 'refused';
    if (gate?.isClosed === true) return 'no_benefit';
    const refusal = this.spend(place, call, nowMs);
    const { lift, spare } = place.pool;
    const isBraked = this.budget.allowance?.isBraked(origin) === true;
    lift.hold(isBraked);
    // Nothing is to spare while the service is not well, or what is due is refused.
    spare.isCalm = refusal === undefined && lift.easing === 1 && !isBraked;
    if (refusal !== undefined) return refusal;
    gate?.launched();
    place.refusals?.launched(place.calls);
    return undefined;
  }

  private spend({ origin, easing, order, isSooner }: Place, call: number, nowMs: number): SuppressionReason | undefined {
    const { allowance } = this.budget;
    if (allowance?.onDue(origin, nowMs, easing) === true && order.isInWave(call, nowMs, isSooner)) return 'overload';
    const { activeHedges, activeShadows } = this.counters;
    return activeHedges + activeShadows >= this.maxConcurrentHedges ? 'concurrency' : allowance?.refusal(origin, nowMs);
  }

  /** Learns from a won call whether the hedge that was sent while its primary ran was of use. */
  judge(place: Place, decided: Decided): void {
    if (decided.hasCollided) this.counters.collisions++;
    const { gate } = place;
    // In an outage nothing wins, and that says nothing of copies.
    if (gate === undefined || this.budget.allowance?.isBraked(place.origin) === true) return;
    runLater(this.clock, () => gate.decide(decided));
  }

  stats(): HedgerStats {
    const { counters } = this;
    const { ends } = counters;
    const nowMs = this.clock.now();
    return {
      calls: counters.calls,
      eligible: counters.eligible,
      ineligible: { ...counters.ineligible },
      hedged: counters.hedged,
      attempts: { primary: counters.eligible, hedge: counters.hedges },
      wins: { ...counters.wins },
      failed: ends.failed + ends.timeout,
      cancelled: ends.cancelled,
      suppressions: { ...counters.suppressions },
      collisions: counters.collisions,
      hedgeRate: counters.hedgeRate(nowMs),
      activeHedges: counters.activeHedges,
      budget: this.budget.allowance?.usage(nowMs),
      savings: this.savings.stats(),
      shadow: this.savings.shadowStats(),
      keys: this.memory.size,
    };
  }
}

/** One call, ready to run. */
export interface RaceSetup<T> {
  readonly call: HedgeCall<T>;
  /** That of the call, with what `describe` said of it. */
  readonly request: HedgeRequest;
  readonly options: ResolvedHedgeOptions;
  readonly place: Place;
  /** Its number among the calls of its route. */
  readonly number: number;
  readonly plan: Plan;
  readonly watch: Watch | undefined;
}
