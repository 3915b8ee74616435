import type { HedgeRequest } from '../call.js';
import type { Clock } from '../common/clock.js';
import type { Warmup } from './delays.js';
import type { HedgeOptions } from './options.js';

/** The clockless budget: every eligible call deposits `ratio` tokens, a hedge takes one. */
export interface RatioBudget {
  /** Hedges per eligible call over the long run, in (0, 1]. Default 0.1. */
  readonly ratio?: number | undefined;
  /** Most tokens kept. ≥ 1. Default: a second's allowance at the current traffic, never under 10, and 4 until a hedge is due; of a ratio above 0.1 as many times as much. */
  readonly burst?: number | undefined;
  /**
   * Whether to spend less of it while an origin is out (most of its calls are slow at once) or overloaded (its slow requests
   * come in clusters, as they do in queues), and nothing while the calls right before are all late. Default `true`.
   */
  readonly brake?: boolean | undefined;
}

/** When hedging of a route pauses because copies share the fate of their primaries. */
export interface EfficacyOptions {
  /**
   * Pause above this correlation: 1 − hedges that were of use / those expected if copies were independent. From 0.5 up to, not
   * including, 1. Default 0.8.
   */
  readonly pauseAbove?: number | undefined;
}

/** A token bucket filled by time, as other libraries use. */
export interface RateBudget {
  /** The traffic you expect, per second. > 0. */
  readonly requestsPerSecond: number;
  /** Hedges per expected request, in (0, 1]. */
  readonly ratio: number;
  /** Seconds of allowance kept. > 0, default 2. */
  readonly burstSeconds?: number | undefined;
}

/** A budget of your own. Its members must be fast and must not throw. */
export interface Budget {
  /** An eligible call begins. */
  readonly deposit: (origin: string, nowMs: number) => void;
  /** A hedge is due: `true` takes a token, `false` refuses. */
  readonly tryTake: (origin: string, nowMs: number) => boolean;
  /** What is there now, for `stats()` and metrics. */
  readonly usage?: (nowMs: number) => BudgetUsage;
}

/** The state of a budget, in tokens. */
export interface BudgetUsage {
  /** Tokens spent out of `limit`, 0 when full. */
  readonly used: number;
  /** Most tokens that can be kept. */
  readonly limit: number;
}

/** The latency memory. */
export interface LatencyOptions {
  /** How far back it remembers, in milliseconds. > 0, default 60 000. */
  readonly windowMs?: number | undefined;
  /** In how many steps old data leaves. Integer 2 to 60, default 6. */
  readonly subWindows?: number | undefined;
  /** Most routes kept; the least recently used goes. Integer ≥ 1, default 1 000. */
  readonly maxKeys?: number | undefined;
  /** What shares a latency distribution. Default: method, origin and path with id-like segments collapsed. A throw is reported and the default used. */
  readonly key?: ((request: HedgeRequest) => string) | undefined;
  /** Hedge by a fixed delay while samples are few. Default: do not hedge until there are 10 / (1 − quantile). */
  readonly warmup?: Warmup | undefined;
}

/**
 * What {@link Hedger.configure} changes: `mode`, `budget` and `delay`, as at creation. What is left out, or `undefined`, stays as it is.
 */
export type HedgerChanges = Pick<HedgerOptions, 'mode' | 'budget' | 'delay'>;

/** Options of a {@link Hedger}. */
export interface HedgerOptions extends HedgeOptions {
  /** How much load hedging may add. `false` removes the limit: dangerous in an outage. Default `{ ratio: 0.1 }` per origin and overall. */
  readonly budget?: RatioBudget | RateBudget | Budget | false | undefined;
  /** Hedges under way at once, over all origins. Integer ≥ 1. Default 100. */
  readonly maxConcurrentHedges?: number | undefined;
  /**
   * Losers cancelled per second and HTTP/2 connection (gRPC; got with `http2`), after a burst of twenty seconds' worth; others end by
   * themselves or wait for their turn. Servers close connections on which more streams are reset: Node's beyond 33 a second. Above
   * 0, `Infinity` for no limit, default 25.
   */
  readonly maxResetsPerSecond?: number | undefined;
  /** When hedging of a route pauses because copies do not help there; `false`: never. Default `{ pauseAbove: 0.8 }`. */
  readonly efficacy?: EfficacyOptions | false | undefined;
  /** The latency memory. */
  readonly latency?: LatencyOptions | undefined;
  /** Time and chance. Default: the system's. */
  readonly clock?: Clock | undefined;
}
