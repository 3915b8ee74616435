import type { HedgeRequest, RaceUntil } from '../call.js';
import type { Clock } from '../clock.js';
import type { GoalEstimate, GoalRule } from '../goal/goal.js';
import { Clustering } from '../harm/clustering.js';
import { Gate } from '../harm/gate.js';
import { Refusals } from '../harm/refusals.js';
import { LruMap } from '../lru.js';
import type { Warmup } from '../options.js';
import type { GoalStats, RouteStats } from '../stats.js';
import { Distribution } from './distribution.js';
import { destinationOf, routeKey } from './route-key.js';
import { MOST_NUMBERS } from './snapshot.js';
import type { LatencySnapshot, SavedLatency, SavedOrigin, SavedRoute } from './snapshot.js';
import type { SurvivalCurve } from './survival-curve.js';

/** What a plan may know of a route's latency. */
export interface LatencyView {
  readonly key: string;
  /** Samples of the route, or of its origin if those are more. */
  readonly samples: number;
  /** A quantile in milliseconds, the origin's while the route has too few samples of its own. */
  quantile(quantile: number): number | undefined;
  /** What to do for a goal, by the origin's latency while the route has too few samples of its own. */
  goal(rule: GoalRule): GoalEstimate | undefined;
}

/** Settings of the memory, all present. */
export interface LatencySettings {
  readonly windowMs: number;
  readonly subWindows: number;
  readonly maxKeys: number;
  readonly key: ((request: HedgeRequest) => string | undefined) | undefined;
  readonly warmup: Warmup | undefined;
  /** Above this correlation hedging pauses; `undefined`: never. */
  readonly pauseAbove: number | undefined;
}

/** What the routes of an origin share. */
export interface OriginPlace {
  readonly raceUntil: RaceUntil;
  readonly distribution: Distribution;
  readonly clustering: Clustering;
  /** How many of them are remembered; with the last of them it is forgotten. */
  routes: number;
}

/** A route's place in the memory. */
export class Place implements LatencyView {
  readonly origin: string;
  /** What it shares with the other routes of its origin. */
  readonly pool: OriginPlace;
  /** Calls of the route so far. */
  calls = 0;
  /** Whether copies help; `undefined` if nobody wants to know. */
  readonly gate: Gate | undefined;
  /** What its servers say no with; `undefined` while they have not. */
  refusals: Refusals | undefined = undefined;
  private readonly route: Distribution;
  private readonly wholeOrigin: Distribution;
  private readonly clustering: Clustering;
  private readonly makeDistribution: (key: string) => Distribution;
  /** The goal sought last, if any, and what the calls took that sought one. */
  private seeking: { readonly rule: GoalRule; readonly calls: Distribution } | undefined = undefined;

  constructor(origin: string, route: Distribution, whole: OriginPlace, settings: LatencySettings, makeDistribution: (key: string) => Distribution) {
    this.origin = origin;
    this.route = route;
    this.pool = whole;
    this.wholeOrigin = whole.distribution;
    this.clustering = whole.clustering;
    this.gate = settings.pauseAbove === undefined ? undefined : new Gate(settings.pauseAbove, this);
    this.makeDistribution = makeDistribution;
  }

  noteRefusals(): Refusals {
    return (this.refusals ??= new Refusals());
  }

  /** Why hedging of the route pauses, if it does. */
  get pauseReason(): 'no_benefit' | 'refused' | undefined {
    if (this.refusals?.isPaused === true) return 'refused';
    return this.gate?.isPaused === true ? 'no_benefit' : undefined;
  }

  /** Share of the budget that the origin can bear, above 0 up to 1: less than 1 where requests queue behind each other. */
  get easing(): number {
    return this.clustering.easing;
  }

  /** Counts renewals of what is known, and times it was forgotten. */
  get version(): { readonly refreshes: number; readonly resets: number } {
    return this.route;
  }

  /** The latency of primaries of the route, or of its origin while the route has too few samples. */
  curve(): SurvivalCurve | undefined {
    return this.route.curve() ?? this.wholeOrigin.curve();
  }

  get key(): string {
    return this.route.key;
  }

  get samples(): number {
    return Math.max(this.route.samples, this.wholeOrigin.samples);
  }

  /** Samples of the route alone. */
  get ownSamples(): number {
    return this.route.samples;
  }

  quantile(quantile: number): number | undefined {
    return this.route.quantile(quantile) ?? this.wholeOrigin.quantile(quantile);
  }

  goal(rule: GoalRule): GoalEstimate | undefined {
    if (this.seeking?.rule !== rule) this.seeking = { rule, calls: this.seeking?.calls ?? this.makeDistribution(this.key) };
    return this.route.goal(rule) ?? this.wholeOrigin.goal(rule);
  }

  /** See {@link Distribution.save}. */
  save(): SavedLatency | undefined {
    return this.route.save();
  }

  /** See {@link Distribution.load}. */
  load(saved: SavedLatency, ageMs: number): void {
    this.route.load(saved, ageMs);
  }

  /** What a call took that sought a goal, from its start to the winner's outcome. */
  recordCall(elapsedMs: number, nowMs: number): void {
    this.seeking?.calls.record(elapsedMs, false, nowMs);
  }

  /** How far the goal sought last is reached; `undefined` while none is, or too little is known. */
  describeGoal(): GoalStats | undefined {
    if (this.seeking === undefined) return undefined;
    const { rule, calls } = this.seeking;
    const estimate = this.goal(rule);
    return (
      estimate && {
        target: rule.target,
        delaysMs: estimate.delaysMs,
        probabilities: estimate.hedges.map(({ probability }) => probability),
        predictedMs: estimate.predictedMs,
        achievedMs: calls.currentQuantile(rule.target),
        identifiedUpToMs: estimate.identifiedUpToMs,
      }
    );
  }

  record(elapsedMs: number, isCensored: boolean, nowMs: number): void {
    this.route.record(elapsedMs, isCensored, nowMs);
    this.wholeOrigin.record(elapsedMs, isCensored, nowMs);
  }
}

/** Remembers latencies per route, and per origin for routes too rare to know. Bounded: the least recently used goes. */
export class LatencyMemory {
  private readonly settings: LatencySettings;
  private readonly clock: Clock;
  private readonly places: LruMap<Place>;
  private readonly origins = new Map<string, OriginPlace>();
  /** The place of the previous request: most clients ask for the same thing many times in a row. */
  private latest: { url: string; method: string; raceUntil: RaceUntil; place: Place } | undefined;

  constructor(settings: LatencySettings, clock: Clock) {
    this.settings = settings;
    this.clock = clock;
    this.places = new LruMap(settings.maxKeys, ({ pool }) => this.forgetRoute(pool));
  }

  get size(): number {
    return this.places.size;
  }

  locate(request: HedgeRequest, raceUntil: RaceUntil): Place {
    const { url, method } = request;
    const { latest } = this;
    if (latest?.url === url && latest.method === method && latest.raceUntil === raceUntil) return latest.place;
    const place = this.find(request, raceUntil);
    if (this.settings.key === undefined) this.latest = { url, method, raceUntil, place };
    return place;
  }

  /** What is known of every route; `delayOf` says when it would be hedged. */
  describe(delayOf: (place: Place) => number | undefined): RouteStats[] {
    return Array.from(this.places.values(), (place) => ({
      key: place.key,
      samples: place.ownSamples,
      delayMs: delayOf(place),
      isPaused: place.pauseReason !== undefined,
      pauseReason: place.pauseReason,
      correlation: place.gate?.correlation,
      easing: place.easing,
      goal: place.describeGoal(),
    }));
  }

  /** What is known, the least recently used routes left out if there would be more than so many numbers in its lists. */
  save(mostNumbers: number = MOST_NUMBERS): LatencySnapshot {
    const origins = new Map<string, Indexed>();
    const routes: SavedRoute[] = [];
    let room = mostNumbers;
    for (const place of [...this.places.values()].reverse()) {
      const route = place.save();
      if (route === undefined) continue;
      const pool = place.pool.distribution.key;
      const whole = origins.get(pool) ?? { index: origins.size, saved: savedOrigin(place) };
      room -= sizeOf(route) + (origins.has(pool) ? 0 : sizeOf(whole.saved));
      if (room < 0) break;
      origins.set(pool, whole);
      routes.push({ key: place.key, origin: whole.index, ...route });
    }
    const saved = Array.from(origins.values(), ({ saved: origin }) => origin);
    return { version: 1, savedAtMs: this.clock.epochNow(), origins: saved, routes: routes.reverse() };
  }

  /** Takes a snapshot that was checked. */
  load({ savedAtMs, origins, routes }: LatencySnapshot): void {
    const ageMs = Math.max(0, this.clock.epochNow() - savedAtMs);
    for (const saved of routes) {
      const whole = origins[saved.origin];
      if (whole === undefined) continue;
      const place = this.places.get(saved.key, () => this.newPlace(saved.key, whole.origin, whole.raceUntil));
      place.load(saved, ageMs);
    }
    for (const saved of origins) this.origins.get(nameOf(saved.origin, saved.raceUntil))?.distribution.load(saved, ageMs);
  }

  private find(request: HedgeRequest, raceUntil: RaceUntil): Place {
    const { origin, path } = destinationOf(request);
    const key = this.settings.key?.(request) ?? routeKey(request.method, origin + path, raceUntil);
    return this.places.get(key, () => this.newPlace(key, origin, raceUntil));
  }

  private newPlace(key: string, origin: string, raceUntil: RaceUntil): Place {
    const pool = this.poolOf(origin, raceUntil);
    pool.routes++;
    return new Place(origin, this.distribution(key, pool.clustering), pool, this.settings, (name) => this.distribution(name));
  }

  private poolOf(origin: string, raceUntil: RaceUntil): OriginPlace {
    const name = nameOf(origin, raceUntil);
    let pool = this.origins.get(name);
    if (pool === undefined) {
      pool = { raceUntil, distribution: this.distribution(name), clustering: new Clustering(), routes: 0 };
      this.origins.set(name, pool);
    }
    return pool;
  }

  /** A pool that is in use stays, however many other origins there are. */
  private forgetRoute(pool: OriginPlace): void {
    if (--pool.routes === 0) this.origins.delete(pool.distribution.key);
  }

  private distribution(key: string, clustering?: Clustering): Distribution {
    return new Distribution(key, this.settings.windowMs, this.settings.subWindows, this.clock, clustering);
  }
}

function nameOf(origin: string, raceUntil: RaceUntil): string {
  return `${origin} ${raceUntil}`;
}

/** An origin and its place in a snapshot. */
interface Indexed {
  readonly index: number;
  readonly saved: SavedOrigin;
}

function savedOrigin({ origin, pool }: Place): SavedOrigin {
  const { raceUntil, distribution } = pool;
  return { origin, raceUntil, ...(distribution.save() ?? { events: [], censored: [], estimates: [] }) };
}

function sizeOf({ events, censored, estimates }: SavedLatency): number {
  return events.length + censored.length + estimates.length;
}
