import type { Allowance } from './budget.js';
import { bypassInfo, startAlone } from './bypass.js';
import type { HedgeCall, HedgeRequest } from './call.js';
import type { Clock } from './clock.js';
import { Counters } from './counters.js';
import { ineligibleReason } from './eligibility.js';
import type { HedgeObserver } from './events.js';
import type { Decided } from './harm/gate.js';
import { attachInfo, type IneligibleReason, type SuppressionReason } from './info.js';
import { checkSnapshot, type LatencySnapshot } from './latency/snapshot.js';
import { LatencyMemory, type LatencySettings, type Place } from './latency/memory.js';
import type { HedgeOptions, HedgerOptions } from './options.js';
import { learntDelayMs, planHedges } from './plan.js';
import { Pushbacks } from './pushback.js';
import { Race } from './race.js';
import { Reporter } from './report.js';
import { Resets } from './resets.js';
import { ResolvedHedgeOptions, type PlannedBudget } from './resolve.js';
import { Savings } from './savings/savings.js';
import { checkCallOptions, pickCallOptions, resolveSettings } from './settings.js';
import { TargetLoads } from './steering/loads.js';
import type { HedgerStats, RouteStats } from './stats.js';
import { HedgeTimers } from './timers.js';
import { Turns } from './turns.js';
import { Watch } from './watch.js';

/** Options in any form: as the user wrote them, `false` for none, or resolved once. */
export type CallOptions = HedgeOptions | false | ResolvedHedgeOptions | undefined;

/**
 * The scheduler. A call's path through it:
 *
 * `request → eligible? → plan (delays, within budget) → race (attempts) → winner → record latency, emit telemetry`
 *
 * All state belongs to it: budgets, latency memory, timers. Share one between clients that call the same services.
 */
export class Hedger implements Disposable {
  readonly clock: Clock;
  /** For adapters whose losers leave a connection behind that outlives them. */
  readonly resets: Resets;
  /** @internal */
  readonly counters: Counters = new Counters();
  /** @internal */
  readonly loads: TargetLoads = new TargetLoads();
  /** @internal */
  readonly pushbacks: Pushbacks;
  /** @internal */
  readonly savings: Savings;
  /** @internal */
  readonly timers: HedgeTimers;
  /** @internal */
  readonly reporter: Reporter = new Reporter();
  /** @internal */
  readonly turns: Turns = new Turns();
  private readonly defaults: ResolvedHedgeOptions;
  private readonly planned: PlannedBudget;
  private readonly overrides = new WeakMap<ResolvedHedgeOptions, WeakMap<HedgeOptions, ResolvedHedgeOptions>>();
  private readonly budget: Allowance | undefined;
  private readonly maxConcurrentHedges: number;
  private readonly latency: LatencySettings;
  private readonly memory: LatencyMemory;
  private observers: readonly HedgeObserver[] = [];
  /** @internal */
  disposed = false;

  /** @throws TypeError or RangeError that names the option, what was expected and what came. */
  constructor(options: HedgerOptions = {}) {
    const { clock, budget, latency, maxConcurrentHedges, maxResetsPerSecond } = resolveSettings(options, this.reporter);
    this.clock = clock;
    this.budget = budget.budget;
    this.planned = budget;
    this.latency = latency;
    this.maxConcurrentHedges = maxConcurrentHedges;
    this.memory = new LatencyMemory(latency, clock);
    this.pushbacks = new Pushbacks(clock, latency.maxKeys);
    this.resets = new Resets(clock, maxResetsPerSecond);
    this.savings = new Savings(clock);
    this.timers = new HedgeTimers(clock);
    this.defaults = new ResolvedHedgeOptions(pickCallOptions(options), this.planned, this.reporter);
  }

  /**
   * Runs one call; the primary starts before this returns. Settles as the winner did: with its value or its own error,
   * unwrapped. Bad per-call options reject with the error of {@link resolve}.
   */
  run<T>(call: HedgeCall<T>, options?: CallOptions): Promise<T> {
    let resolved: ResolvedHedgeOptions | undefined;
    try {
      resolved = this.optionsOf(options);
    } catch (error) {
      return Promise.reject(error);
    }
    const reason = this.whyNot(call.request, resolved);
    if (resolved === undefined || reason !== undefined) return this.bypass(call, reason ?? 'disabled');

    const { request } = call;
    const place = this.memory.locate(request, call.raceUntil ?? 'body');
    const nowMs = this.clock.now();
    place.calls++;
    this.counters.begin(nowMs);
    this.budget?.deposit(place.origin, nowMs);
    const plan = planHedges({
      request,
      options: resolved,
      latency: place,
      warmup: this.latency.warmup,
      random: this.clock.random,
      reporter: this.reporter,
    });
    const watch =
      this.observers.length === 0
        ? undefined
        : Watch.of(this.observers, { request, key: place.key, origin: place.origin }, this.reporter);
    return new Race(this, { call, options: resolved, place, plan, watch }, nowMs).run();
  }

  /**
   * Checks per-call options once and completes them with `base`, by default the Hedger's own. Cached per options object,
   * which is taken as constant from then on.
   *
   * @throws TypeError or RangeError that names the option, what was expected and what came.
   */
  resolve(options: HedgeOptions | undefined, base: ResolvedHedgeOptions = this.defaults): ResolvedHedgeOptions {
    if (options === undefined) return base;
    let cache = this.overrides.get(base);
    if (cache === undefined) this.overrides.set(base, (cache = new WeakMap()));
    let resolved = cache.get(options);
    if (resolved === undefined) {
      checkCallOptions(options);
      resolved = new ResolvedHedgeOptions({ ...base.source, ...pickCallOptions(options) }, this.planned, this.reporter);
      cache.set(options, resolved);
    }
    return resolved;
  }

  /** Why a request would not be hedged; `undefined` if it would. Nothing is counted. Throws like {@link resolve}. */
  ineligible(request: HedgeRequest, options?: CallOptions): IneligibleReason | undefined {
    return this.whyNot(request, this.optionsOf(options));
  }

  /** Counts a call that an adapter sent through the client's own path without {@link run}. */
  recordBypass(request: HedgeRequest, reason: IneligibleReason): void {
    this.counters.calls++;
    for (const observer of this.observers) {
      this.reporter.tell('an observer', () => observer.onBypass?.(request, reason));
    }
  }

  /** Attaches an observer; returns what detaches it. */
  observe(observer: HedgeObserver): () => void {
    this.observers = [...this.observers, observer];
    return () => {
      this.observers = this.observers.filter((other) => other !== observer);
    };
  }

  /** Totals so far, and what is known now. */
  stats(): HedgerStats {
    const { counters } = this;
    const { ends } = counters;
    return {
      calls: counters.calls,
      eligible: counters.eligible,
      hedged: counters.hedged,
      attempts: { primary: counters.eligible, hedge: counters.hedges },
      wins: { ...counters.wins },
      failed: ends.failed + ends.timeout,
      cancelled: ends.cancelled,
      suppressions: { ...counters.suppressions },
      collisions: counters.collisions,
      hedgeRate: counters.hedgeRate(this.clock.now()),
      activeHedges: counters.activeHedges,
      budget: this.budget?.usage(this.clock.now()),
      savings: this.savings.stats(),
      shadow: this.savings.shadowStats(),
      keys: this.memory.size,
    };
  }

  /** What is known of every route remembered. */
  routes(): RouteStats[] {
    return this.memory.describe((place) => learntDelayMs(this.defaults.delay, place));
  }

  /**
   * What is known of latencies, as plain data for `JSON.stringify`, so that the next process starts warm. At most `latency.maxKeys`
   * routes and some megabytes; the least recently used are left out.
   */
  snapshot(): LatencySnapshot {
    return this.memory.save();
  }

  /**
   * Takes what {@link Hedger.snapshot} gave, before the first call. It ages as if this process had been idle since then: within
   * `latency.windowMs` its samples count as such, later its estimates stand until there are samples again. What this Hedger has
   * learnt itself stays.
   *
   * @throws TypeError or RangeError that names what is wrong with it; then nothing has changed.
   */
  restore(snapshot: LatencySnapshot): void {
    this.memory.load(checkSnapshot(snapshot, this.latency.maxKeys));
  }

  /** Stops hedging: calls under way end without further hedges, later ones go through unhedged. Observers are detached. */
  dispose(): void {
    this.disposed = true;
    this.observers = [];
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal */
  permit(place: Place, nowMs: number, destination: string | undefined): SuppressionReason | undefined {
    const { origin, gate } = place;
    if (this.pushbacks.isOn(destination ?? origin, nowMs)) return 'pushback';
    if (place.refusals?.isClosed(place.calls) === true) return 'refused';
    if (gate?.isClosed === true) return 'no_benefit';
    this.budget?.onDue(origin, nowMs, place.easing);
    const { activeHedges, activeShadows } = this.counters;
    if (activeHedges + activeShadows >= this.maxConcurrentHedges) return 'concurrency';
    const refusal = this.budget?.refusal(origin, nowMs);
    if (refusal !== undefined) return refusal;
    gate?.launched();
    place.refusals?.launched(place.calls);
    return undefined;
  }

  /** @internal */
  judge(place: Place, decided: Decided): void {
    if (decided.hasCollided) this.counters.collisions++;
    const { gate } = place;
    // In an outage nothing wins, and that says nothing of copies.
    if (gate === undefined || this.budget?.isBraked(place.origin) === true) return;
    this.clock.afterPoll(() => gate.decide(decided));
  }

  private optionsOf(options: CallOptions): ResolvedHedgeOptions | undefined {
    if (options === false) return undefined;
    return options instanceof ResolvedHedgeOptions ? options : this.resolve(options);
  }

  private whyNot(request: HedgeRequest, options: ResolvedHedgeOptions | undefined): IneligibleReason | undefined {
    if (options === undefined) return 'disabled';
    return this.disposed ? 'disposed' : ineligibleReason(request, options);
  }

  private bypass<T>(call: HedgeCall<T>, reason: IneligibleReason): Promise<T> {
    const startedAtMs = this.clock.now();
    this.recordBypass(call.request, reason);
    const done = (carrier: unknown): void => {
      attachInfo(carrier, bypassInfo(call.request, call.raceUntil ?? 'body', reason, this.clock.now() - startedAtMs));
    };
    const settle = async (): Promise<T> => {
      try {
        const value = await (call.bypass?.(reason) ?? startAlone(call));
        done(value);
        return value;
      } catch (error) {
        done(error);
        throw error;
      }
    };
    return settle();
  }
}
