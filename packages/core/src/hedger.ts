/// <reference lib="esnext.disposable" preserve="true" />
import { promiseCall, type PromiseHedgeOptions, type StartPromise } from './adapter/promise-call.js';
import type { Resets } from './adapter/resets.js';
import type { HedgeCall, HedgeRequest } from './call.js';
import type { Clock } from './common/clock.js';
import type { IneligibleReason } from './info.js';
import { checkSnapshot, type LatencySnapshot } from './latency/snapshot.js';
import type { HedgerChanges, HedgerOptions } from './options/hedger-options.js';
import type { HedgeOptions } from './options/options.js';
import { learntDelayMs, planHedges } from './plan/plan.js';
import type { CallOptions, ResolvedHedgeOptions } from './plan/resolved-options.js';
import { HedgerState } from './race/hedger-state.js';
import { Race } from './race/race.js';
import type { HedgeObserver } from './reporting/events.js';
import type { HedgerStats, RouteStats } from './reporting/stats.js';

/**
 * A Hedger of any copy of this package: TypeScript takes the class of the ES module and that of the CommonJS build for two, though they are
 * the same to whoever uses one.
 */
export type AnyHedger = Pick<Hedger, 'observe' | 'stats' | 'routes' | 'snapshot' | 'restore' | 'dispose'>;

/**
 * The scheduler. A call's path through it:
 *
 * `request → eligible? → plan (delays) → race (the primary; a hedge when one is due and permitted) → winner → record latency, emit telemetry`
 *
 * All state belongs to it: budgets, latency memory, timers. Share one between clients that call the same services.
 */
export class Hedger implements Disposable {
  /** @internal */
  readonly state: HedgerState;

  /** @throws TypeError or RangeError that names the option, what was expected and what came. */
  constructor(options: HedgerOptions = {}) {
    this.state = new HedgerState(options);
  }

  get clock(): Clock {
    return this.state.clock;
  }

  /** For adapters whose losers leave a connection behind that outlives them. */
  get resets(): Resets {
    return this.state.resets;
  }

  /**
   * Hedges whatever returns a promise: a query, a cache, an SDK of any kind. By calling it you say that a second copy does no harm.
   *
   * ```ts
   * const rows = await hedger.hedge('users.find', ({ signal }) => db.query(sql, { signal }));
   * ```
   *
   * Learning, budget, telemetry and {@link HedgerOptions} are those of every call; options about HTTP have no say. What happened is told by `hedgeInfo` of the
   * promise that this returns, and of an error; nothing is attached to what it resolves with.
   *
   * @param key - names what is asked for: calls of one key share a latency distribution and a budget of their own. Give it no ids: `latency.maxKeys` keys are remembered,
   * the least recently used goes, and a key that was just met is not hedged before it is known. 1,000 characters count.
   * @param start - starts one attempt, and again for each hedge. Should stop when `signal` aborts. What it throws counts as a rejection, and what is no promise as an answer.
   * @returns what the first acceptable attempt resolves with; if there is none it settles as the primary did. Rejects with a TypeError or RangeError that names a bad
   * argument or option, and with the reason of a signal that has been aborted already; then nothing was started.
   */
  hedge<T>(key: string, start: StartPromise<T>, options?: PromiseHedgeOptions<T>): Promise<T> {
    try {
      const call = promiseCall(key, start, options, this.state.reporter);
      return call.follow(this.run(call, options?.hedge));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Runs one call; the primary starts before this returns. Settles as the winner did: with its value or its own error,
   * unwrapped. Bad per-call options reject with the error of {@link resolve}.
   */
  run<T>(call: HedgeCall<T>, callOptions?: CallOptions): Promise<T> {
    let options: ResolvedHedgeOptions | undefined;
    try {
      options = this.state.options.of(callOptions);
    } catch (error) {
      return Promise.reject(error);
    }
    const { state } = this;
    if (options === undefined) return state.bypass(call, 'disabled');
    const request = state.admit(call.request, options);
    if (typeof request === 'string') return state.bypass(call, request);

    const nowMs = state.clock.now();
    const place = state.enter(request, call.raceUntil, nowMs);
    const number = place.calls;
    const plan = planHedges({ request, options, latency: place, warmup: state.latency.warmup, random: state.clock.random, reporter: state.reporter });
    const watch = state.observers.watch(request, place.key, place.origin);
    // Each hedge that is due asks `state.permit`: budget, harm, pushback.
    return new Race(state, { call, request, options, place, number, plan, watch }, nowMs).run();
  }

  /**
   * Checks per-call options once and completes them with `base`, by default the Hedger's own. Cached per options object,
   * which is taken as constant from then on.
   *
   * @throws TypeError or RangeError that names the option, what was expected and what came.
   */
  resolve(options: HedgeOptions | undefined, base: ResolvedHedgeOptions = this.state.options.defaults): ResolvedHedgeOptions {
    return this.state.options.resolve(options, base);
  }

  /** Why a request would not be hedged; `undefined` if it would. Nothing is counted. Throws like {@link resolve}. */
  ineligible(request: HedgeRequest, options?: CallOptions): IneligibleReason | undefined {
    const resolved = this.state.options.of(options);
    const admitted = resolved === undefined ? 'disabled' : this.state.admit(request, resolved);
    return typeof admitted === 'string' ? admitted : undefined;
  }

  /** Counts a call that an adapter sent through the client's own path without {@link run}. */
  recordBypass(request: HedgeRequest, reason: IneligibleReason): void {
    this.state.recordBypass(request, reason);
  }

  /**
   * Changes how calls are hedged, while they run: for a feature flag that turns hedging off, to shadow, and on again. Effective at once, also for clients that share
   * this Hedger, but not over what a client or a call says itself: a call begins with the new options, and of those under way no hedge is sent
   * that `mode` or `budget` no longer allow. What was learnt stays, and what was spent stays spent: a new budget starts with at most the tokens that the one before
   * it had left. After {@link dispose} nothing is hedged, whatever is said here.
   *
   * @param changes - what to change; what is left out stays as it is.
   * @throws TypeError or RangeError that names the option, what was expected and what came; then nothing has changed.
   */
  configure(changes: HedgerChanges): void {
    this.state.configure(changes);
  }

  /** Attaches an observer; returns what detaches it. */
  observe(observer: HedgeObserver): () => void {
    return this.state.observers.add(observer);
  }

  /** Totals so far, and what is known now. */
  stats(): HedgerStats {
    return this.state.stats();
  }

  /** What is known of every route remembered. */
  routes(): RouteStats[] {
    return this.state.memory.describe((place) => learntDelayMs(this.state.options.defaults.delay, place));
  }

  /**
   * What is known of latencies, as plain data for `JSON.stringify`, so that the next process starts warm. At most `latency.maxKeys`
   * routes and some megabytes; the least recently used are left out.
   */
  snapshot(): LatencySnapshot {
    return this.state.memory.save();
  }

  /**
   * Takes what {@link Hedger.snapshot} gave, before the first call. It ages as if this process had been idle since then: within
   * `latency.windowMs` its samples count as such, later its estimates stand until there are samples again. What this Hedger has
   * learnt itself stays.
   *
   * @throws TypeError or RangeError that names what is wrong with it; then nothing has changed.
   */
  restore(snapshot: LatencySnapshot): void {
    this.state.memory.load(checkSnapshot(snapshot, this.state.latency.maxKeys));
  }

  /** Stops hedging: calls under way end without further hedges, later ones go through unhedged. Observers are detached. */
  dispose(): void {
    this.state.disposed = true;
    this.state.observers.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** What an adapter works with: a Hedger, and the options of its calls, which each of them may override. */
export interface AdapterHedger {
  readonly hedger: Hedger;
  readonly defaults: ResolvedHedgeOptions;
}

/**
 * The Hedger of an adapter: the one that its option `hedger` shares, whichever copy of this package made it, beside which there may be options of calls; or one
 * of its own.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function hedgerFor(shared: AnyHedger | undefined, options: HedgerOptions): AdapterHedger {
  if (shared !== undefined && typeof (shared as Partial<Hedger> | null)?.run !== 'function') {
    throw new TypeError(`hedgerow: option \`hedger\` must be a Hedger, got ${typeof shared}`);
  }
  const hedger = (shared as Hedger | undefined) ?? new Hedger(options);
  return { hedger, defaults: hedger.resolve(shared === undefined ? undefined : options) };
}
