import type { Route } from 'hedgerow';
import { seededRandom } from '#cli/simulate/random.js';

const DRAWS = 200_000;

/** What a plan for several routes comes to by theory, with copies that are independent; per call of all routes. */
export interface Point {
  readonly load: number;
  /** Work of copies per work of primaries, if aborted work runs on. */
  readonly work: number;
  readonly savedMs: number;
}

/** One route, drawn often enough to know what hedging at a quantile saves. */
class Drawn {
  readonly share: number;
  readonly meanMs: number;
  private readonly primaries: Float64Array;
  private readonly copies: Float64Array;
  private readonly known = new Map<number, number>();

  constructor({ share, service }: Route, seed: number, stream: number) {
    const random = seededRandom(seed, stream);
    this.share = share;
    this.primaries = Float64Array.from({ length: DRAWS }, () => service.draw(random)).sort();
    this.copies = Float64Array.from({ length: DRAWS }, () => service.draw(random));
    this.meanMs = this.primaries.reduce((sum, ms) => sum + ms, 0) / DRAWS;
  }

  savedMs(hedges: number): number {
    let saved = this.known.get(hedges);
    if (saved === undefined) this.known.set(hedges, (saved = this.average(hedges)));
    return saved;
  }

  private average(hedges: number): number {
    const first = Math.round((1 - hedges) * DRAWS);
    const delayMs = this.primaries[first] ?? Infinity;
    let saved = 0;
    for (let index = first; index < DRAWS; index++) saved += Math.max(0, (this.primaries[index] ?? 0) - delayMs - (this.copies[index] ?? 0));
    return saved / DRAWS;
  }
}

/** What theory says of hedging so many of each route's calls. */
export class Theory {
  private readonly routes: readonly Drawn[];
  private readonly meanMs: number;

  /** The shares of the routes add up to 1. */
  constructor(routes: readonly Route[], seed: number) {
    this.routes = routes.map((route, index) => new Drawn(route, seed, 100 + index));
    this.meanMs = this.routes.reduce((sum, { share, meanMs }) => sum + share * meanMs, 0);
  }

  /** @param hedges - per call of each route. */
  of(hedges: readonly number[]): Point {
    const point = { load: 0, work: 0, savedMs: 0 };
    for (const [index, route] of this.routes.entries()) {
      const own = hedges[index] ?? 0;
      point.load += route.share * own;
      point.work += (route.share * own * route.meanMs) / this.meanMs;
      point.savedMs += own === 0 ? 0 : route.share * route.savedMs(own);
    }
    return point;
  }

  /**
   * The most that can be saved with so much work and load, over all ways to hedge the last two routes in steps of half a per cent, no fewer than 9 % of either.
   * The first is not hedged.
   */
  best(mostWork: number, mostLoad: number, leastLoad = 0): { readonly hedges: readonly number[]; readonly point: Point } {
    let best = { hedges: [0, 0, 0] as readonly number[], point: { load: 0, work: 0, savedMs: 0 } as Point };
    for (const second of STEPS) {
      for (const third of STEPS) {
        const point = this.of([0, second, third]);
        if (point.work <= mostWork && point.load <= mostLoad && point.load >= leastLoad && point.savedMs > best.point.savedMs) best = { hedges: [0, second, third], point };
      }
    }
    return best;
  }
}

const STEPS: readonly number[] = Array.from({ length: 83 }, (_, step) => (90 + 5 * step) / 1_000);
