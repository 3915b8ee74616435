import { Attempt } from './attempt.js';
import { resolveBudget, type Allowance } from './budget.js';
import { bypassInfo } from './bypass.js';
import type { HedgeCall, HedgeRequest } from './call.js';
import { systemClock, type Clock } from './clock.js';
import { Counters } from './counters.js';
import { detached } from './detached.js';
import { ineligibleReason } from './eligibility.js';
import type { HedgeObserver } from './events.js';
import type { Decided } from './harm/gate.js';
import { attachInfo, type IneligibleReason, type SuppressionReason } from './info.js';
import { checkSnapshot, MOST_KEY_LENGTH, type LatencySnapshot } from './latency/snapshot.js';
import { LatencyMemory, type LatencySettings, type Place } from './latency/memory.js';
import { LruMap } from './lru.js';
import type { HedgeOptions, HedgerOptions, LatencyOptions } from './options.js';
import { learntDelayMs, planHedges } from './plan.js';
import { pushbackMs } from './pushback.js';
import type { RaceHost } from './host.js';
import { Race } from './race.js';
import { Reporter } from './report.js';
import { Resets } from './resets.js';
import { CALL_OPTION_NAMES, ResolvedHedgeOptions, type PlannedBudget } from './resolve.js';
import { Savings } from './savings/savings.js';
import { TargetLoads } from './steering/loads.js';
import type { HedgerStats, RouteStats } from './stats.js';
import { HedgeTimers } from './timers.js';
import * as check from './validate.js';
import { Watch } from './watch.js';

const DEFAULT_MAX_CONCURRENT_HEDGES = 100;
/** Servers of Node bear 33. */
const DEFAULT_MAX_RESETS_PER_SECOND = 25;
const DEFAULT_PAUSE_ABOVE = 0.8;

/** Options in any form: as the user wrote them, `false` for none, or resolved once. */
export type CallOptions = HedgeOptions | false | ResolvedHedgeOptions | undefined;

/**
 * The scheduler. A call's path through this file:
 *
 * `request → eligible? → plan (delays, within budget) → race (attempts) → winner → record latency, emit telemetry`
 *
 * All state belongs to it: budgets, latency memory, timers. Share one between clients that call the same services.
 */
export class Hedger implements RaceHost, Disposable {
  readonly clock: Clock;
  /** For adapters whose losers leave a connection behind that outlives them. */
  readonly resets: Resets;
  /** @internal */
  readonly counters: Counters = new Counters();
  /** @internal */
  readonly loads: TargetLoads = new TargetLoads();
  /** @internal */
  readonly savings: Savings;
  /** @internal */
  readonly timers: HedgeTimers;
  private readonly reporter = new Reporter();
  private readonly defaults: ResolvedHedgeOptions;
  private readonly planned: PlannedBudget;
  private readonly overrides = new WeakMap<ResolvedHedgeOptions, WeakMap<HedgeOptions, ResolvedHedgeOptions>>();
  private readonly budget: Allowance | undefined;
  private readonly maxConcurrentHedges: number;
  private readonly latency: LatencySettings;
  private readonly memory: LatencyMemory;
  private readonly pushbackUntilMs: LruMap<{ untilMs: number }>;
  private observers: readonly HedgeObserver[] = [];
  /** @internal */
  disposed = false;

  /** @throws TypeError or RangeError that names the option, what was expected and what came. */
  constructor(options: HedgerOptions = {}) {
    check.checkObject('options', options, [...CALL_OPTION_NAMES, ...HEDGER_OPTION_NAMES]);
    this.clock = options.clock ?? systemClock;
    this.savings = new Savings(this.clock);
    this.timers = new HedgeTimers(this.clock);
    this.latency = resolveLatency(options.latency ?? {}, resolveEfficacy(options.efficacy), this.reporter);
    this.memory = new LatencyMemory(this.latency, this.clock);
    this.pushbackUntilMs = new LruMap(this.latency.maxKeys);
    const resolved = resolveBudget(options.budget, this.latency.maxKeys);
    this.budget = resolved.budget;
    this.planned = resolved;
    this.maxConcurrentHedges = check.checkNumber(
      'maxConcurrentHedges',
      options.maxConcurrentHedges ?? DEFAULT_MAX_CONCURRENT_HEDGES,
      check.ranges.count,
    );
    this.resets = new Resets(
      this.clock,
      check.checkNumber('maxResetsPerSecond', options.maxResetsPerSecond ?? DEFAULT_MAX_RESETS_PER_SECOND, check.ranges.aboveZero),
    );
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
      check.checkObject('hedge', options, [...CALL_OPTION_NAMES, ...HEDGER_OPTION_NAMES]);
      refuseHedgerOptions(options);
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
      try {
        observer.onBypass?.(request, reason);
      } catch (error) {
        this.reporter.warn('an observer threw', error);
      }
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
    if (this.isPushedBack(destination ?? origin, nowMs)) return 'pushback';
    if (gate?.isClosed === true) return 'no_benefit';
    this.budget?.onDue(origin, nowMs, place.easing);
    const { activeHedges, activeShadows } = this.counters;
    if (activeHedges + activeShadows >= this.maxConcurrentHedges) return 'concurrency';
    const refusal = this.budget?.refusal(origin, nowMs);
    if (refusal === undefined) gate?.launched();
    return refusal;
  }

  /** @internal */
  judge(place: Place, decided: Decided): void {
    if (decided.hasCollided) this.counters.collisions++;
    const { gate } = place;
    // In an outage nothing wins, and that says nothing of copies.
    if (gate === undefined || this.budget?.isBraked(place.origin) === true) return;
    this.clock.afterPoll(() => gate.decide(decided));
  }

  /** @internal */
  isPushedBack(origin: string, nowMs: number): boolean {
    return (this.pushbackUntilMs.peek(origin)?.untilMs ?? 0) > nowMs;
  }

  /** @internal */
  heed(origin: string, status: number, retryAfter: string | undefined, nowMs: number): void {
    this.pushBack(origin, pushbackMs(status, retryAfter, this.clock.epochNow()), nowMs);
  }

  /** @internal */
  pushBack(origin: string, waitMs: number, nowMs: number): void {
    if (waitMs === 0) return;
    const pushback = this.pushbackUntilMs.get(origin, () => ({ untilMs: 0 }));
    pushback.untilMs = Math.max(pushback.untilMs, nowMs + waitMs);
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

const HEDGER_OPTION_NAMES: readonly (keyof HedgerOptions)[] = ['budget', 'maxConcurrentHedges', 'maxResetsPerSecond', 'efficacy', 'latency', 'clock'];

function refuseHedgerOptions(options: HedgerOptions): void {
  const misplaced = HEDGER_OPTION_NAMES.find((name) => options[name] !== undefined);
  if (misplaced === undefined) return;
  throw new TypeError(`hedgerow: option \`${misplaced}\` belongs to a Hedger, not to a call or to a client that shares a Hedger`);
}

function pickCallOptions(options: HedgerOptions): HedgeOptions {
  const given = CALL_OPTION_NAMES.filter((name) => options[name] !== undefined).map((name) => [name, options[name]] as const);
  return Object.fromEntries(given);
}

/** @returns the correlation above which hedging pauses; `undefined`: never. */
function resolveEfficacy(option: HedgerOptions['efficacy'] = {}): number | undefined {
  if (option === false) return undefined;
  check.checkObject('efficacy', option, ['pauseAbove']);
  return check.checkNumber('efficacy.pauseAbove', option.pauseAbove ?? DEFAULT_PAUSE_ABOVE, check.ranges.correlation);
}

function resolveLatency(options: LatencyOptions, pauseAbove: number | undefined, reporter: Reporter): LatencySettings {
  const { ranges } = check;
  check.checkObject('latency', options, ['windowMs', 'subWindows', 'maxKeys', 'key', 'warmup']);
  const { key, warmup } = options;
  if (warmup !== undefined) check.checkObject('latency.warmup', warmup, ['requests', 'delayMs']);
  return {
    pauseAbove,
    windowMs: check.checkNumber('latency.windowMs', options.windowMs ?? 60_000, ranges.positiveMilliseconds),
    subWindows: check.checkNumber('latency.subWindows', options.subWindows ?? 6, ranges.subWindows),
    maxKeys: check.checkNumber('latency.maxKeys', options.maxKeys ?? 1_000, ranges.count),
    key: key && reporter.guard('latency.key', bounded(check.checkFunction('latency.key', key)), () => undefined),
    warmup: warmup && {
      requests: check.checkNumber('latency.warmup.requests', warmup.requests, ranges.count),
      delayMs: check.checkNumber('latency.warmup.delayMs', warmup.delayMs, ranges.milliseconds),
    },
  };
}

/** A key of the user's own may hold what its user's users write. */
function bounded(key: NonNullable<LatencyOptions['key']>): (request: HedgeRequest) => string {
  return (request) => detached(key(request).slice(0, MOST_KEY_LENGTH), request.url);
}

/** Starts the only attempt of a call that is not raced. */
async function startAlone<T>(call: HedgeCall<T>): Promise<T> {
  const { signal } = call;
  const attempt = new Attempt(0, 0);
  const listener = { handleEvent: (): void => attempt.abort(signal?.reason) };
  const release = (): void => signal?.removeEventListener('abort', listener);
  if (signal?.aborted === true) attempt.abort(signal.reason);
  else signal?.addEventListener('abort', listener);
  try {
    const value = await call.start(attempt);
    if (signal === undefined || call.whenReleased === undefined) release();
    else call.whenReleased(value, release);
    return value;
  } catch (error) {
    release();
    throw error;
  }
}
