import type { HedgeRequest, RaceUntil } from '../call.js';
import type { Clock } from '../common/clock.js';
import { LruMap } from '../common/lru.js';
import { Lift } from '../harm/lift.js';
import type { Late } from '../latency/aim.js';
import { MOST_NUMBERS, type LatencySnapshot, type SavedLatency, type SavedOrigin, type SavedRoute } from '../latency/snapshot.js';
import type { RouteStats } from '../reporting/stats.js';
import { Spare } from '../spare/spare.js';
import { Distribution } from './distribution.js';
import { Place, type LatencySettings, type OriginPlace } from './place.js';
import type { Pool } from './pool.js';
import { destinationOf, routeKey } from './route-key.js';

/** Remembers latencies per route, and per origin for routes too rare to know. Bounded: the least recently used goes. */
export class LatencyMemory {
  private readonly settings: LatencySettings;
  private readonly clock: Clock;
  private readonly late: Late;
  private readonly places: LruMap<Place>;
  private readonly origins = new Map<string, OriginPlace>();
  /** The place of the previous request: most clients ask for the same thing many times in a row. */
  private latest: { url: string; method: string; routeName: string | undefined; operation: string | undefined; raceUntil: RaceUntil; place: Place } | undefined;

  /** @param late - how late hedges are launched. */
  constructor(settings: LatencySettings, clock: Clock, late: Late) {
    this.settings = settings;
    this.clock = clock;
    this.late = late;
    this.places = new LruMap(settings.maxKeys, ({ pool }) => this.forgetRoute(pool));
  }

  get size(): number {
    return this.places.size;
  }

  locate(request: HedgeRequest, raceUntil: RaceUntil): Place {
    const { url, method, routeName, operation, key } = request;
    if (key !== undefined) return this.place(key, key, raceUntil);
    const { latest } = this;
    if (latest?.url === url && latest.method === method && latest.routeName === routeName && latest.operation === operation && latest.raceUntil === raceUntil) return latest.place;
    const place = this.find(request, raceUntil);
    if (this.settings.key === undefined) this.latest = { url, method, routeName, operation, raceUntil, place };
    return place;
  }

  /** What is known of every route; `delayOf` says when it would be hedged. */
  describe(delayOf: (place: Place) => number | 'no_gain' | undefined): RouteStats[] {
    return Array.from(this.places.values(), (place) => {
      const delay = delayOf(place);
      const pauseReason = place.pauseReason ?? (delay === 'no_gain' ? delay : undefined);
      return {
        key: place.key,
        samples: place.ownSamples,
        delayMs: delay === 'no_gain' ? undefined : delay,
        isPaused: pauseReason !== undefined,
        pauseReason,
        correlation: place.gate?.correlation,
        easing: place.easing,
        goal: place.describeGoal(),
      };
    });
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
    const key = this.settings.key?.(request) ?? routeKey(request.method, origin + path, raceUntil, request.operation);
    return this.place(key, origin, raceUntil);
  }

  private place(key: string, origin: string, raceUntil: RaceUntil): Place {
    return this.places.get(key, () => this.newPlace(key, origin, raceUntil));
  }

  private newPlace(key: string, origin: string, raceUntil: RaceUntil): Place {
    const pool = this.poolOf(origin, raceUntil);
    pool.routes++;
    return new Place(origin, this.distribution(key, pool), pool, this.settings, this.late, (name) => this.distribution(name));
  }

  private poolOf(origin: string, raceUntil: RaceUntil): OriginPlace {
    const name = nameOf(origin, raceUntil);
    let pool = this.origins.get(name);
    if (pool === undefined) {
      pool = { raceUntil, distribution: this.distribution(name), lift: new Lift(), spare: new Spare(), routes: 0 };
      this.origins.set(name, pool);
    }
    return pool;
  }

  /** A pool that is in use stays, however many other origins there are. */
  private forgetRoute(pool: OriginPlace): void {
    if (--pool.routes === 0) this.origins.delete(pool.distribution.key);
  }

  private distribution(key: string, pool?: Pool): Distribution {
    return new Distribution(key, this.settings.windowMs, this.settings.subWindows, this.clock, pool);
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
