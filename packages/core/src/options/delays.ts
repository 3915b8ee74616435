import type { HedgeRequest } from '../call.js';

/**
 * When to launch hedges, counted from the start of the call.
 *
 * - `50`: fixed, in milliseconds; `[50, 120]` for two hedges; `0` sends the copy at once.
 * - {@link QuantileDelay}: learnt from the route's own latency.
 * - {@link GoalDelay}: whatever minimises a percentile within the budget.
 * - {@link SloDelay}: fractions of a latency objective.
 * - {@link DelayFunction}: your own.
 *
 * A single delay d with `maxHedges` n stands for d, 2d, … nd.
 */
export type Delay = number | readonly number[] | QuantileDelay | GoalDelay | SloDelay | DelayFunction;

/** Hedge at a quantile of the route's latency (Dean & Barroso, The Tail at Scale, 2013). */
export interface QuantileDelay {
  /** In (0, 1): 0.9 hedges the slowest tenth. A list gives one delay per hedge, ascending. Default 1 − 0.9 × budget ratio, 0.91. */
  readonly quantile?: number | readonly number[] | undefined;
  /** Never hedge sooner, in milliseconds. ≥ 0, default 1. */
  readonly minMs?: number | undefined;
  /** Never hedge later, in milliseconds. ≥ `minMs`, default unlimited. */
  readonly maxMs?: number | undefined;
  /** Another kind of delay. */
  readonly minimize?: never;
  /** Another kind of delay. */
  readonly sloMs?: never;
}

/**
 * Goal seeking: hedge when, and with the probability, that minimise a percentile within the budget (SingleR; Kaler, He &
 * Elnikety, SPAA 2017). Worked out anew from the route's own latency, about once a second. From 0.999 on two hedges are planned if
 * `maxHedges` allows it. It trades the percentiles above its target away.
 */
export interface GoalDelay {
  /** The percentile to minimise, in (0, 1): 0.99 is the p99. */
  readonly minimize: number;
  /** Never hedge sooner, in milliseconds. ≥ 0, default 1. */
  readonly minMs?: number | undefined;
  /** Never hedge later, in milliseconds. ≥ `minMs`, default unlimited. */
  readonly maxMs?: number | undefined;
  /** Another kind of delay. */
  readonly quantile?: never;
  /** Another kind of delay. */
  readonly sloMs?: never;
}

/** Hedge at fractions of a latency objective. */
export interface SloDelay {
  /** The objective, in milliseconds. > 0. */
  readonly sloMs: number;
  /** Fractions in [0, 1), ascending, one per hedge. Default `[0.5]`. */
  readonly at?: readonly number[] | undefined;
  /** Another kind of delay. */
  readonly quantile?: never;
  /** Another kind of delay. */
  readonly minimize?: never;
}

/**
 * Decides the delay of one call, in milliseconds. `undefined` means: do not hedge this call.
 * A throw or an unusable number is reported as a warning and the call is not hedged.
 */
export type DelayFunction = (call: DelayContext) => number | readonly number[] | undefined;

/** What a {@link DelayFunction} may look at. */
export interface DelayContext {
  readonly request: HedgeRequest;
  /** The route key. */
  readonly key: string;
  /** A quantile in (0, 1) of this route's latency in milliseconds; `undefined` while there are too few samples. */
  readonly quantile: (quantile: number) => number | undefined;
}

/** A fixed delay while a route has too few samples. */
export interface Warmup {
  /** Hedge by `delayMs` until the route or its origin has this many samples and the quantile is known. Integer ≥ 1. */
  readonly requests: number;
  /** Milliseconds, ≥ 0. */
  readonly delayMs: number;
}
