import type { HedgerOptions } from '@hedgerow/core';

/** A policy, and what theory says of it on the reference workload with independent copies. */
export interface Known {
  readonly name: string;
  readonly hedge: HedgerOptions | false;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** Hedges per call. */
  readonly extraLoad: number;
}

/** Nothing in the way of the policy itself. */
const UNLIMITED = { budget: false, efficacy: false, maxConcurrentHedges: 1_000_000 } as const;

/** The most of a budget that goal seeking plans for, with a burst as large as this. */
const PLANNED_SHARE = 0.98;
const BURST = 1_000;

/** The budget of which goal seeking plans to spend just so much. */
function spending(hedgesPerCall: number): HedgerOptions {
  return { budget: { ratio: hedgesPerCall / PLANNED_SHARE, burst: BURST } };
}

/**
 * Exact evaluations, or simulations of 400,000 calls by other programs: what a policy comes to if d is known exactly. Written down
 * before this simulator existed; nothing here is computed by it.
 */
export const KNOWN: readonly Known[] = [
  { name: 'none', hedge: false, p99Ms: 64.2, p999Ms: 102, extraLoad: 0 },
  { name: 'fixed 10 ms', hedge: { ...UNLIMITED, delay: 10 }, p99Ms: 16.8, p999Ms: 45.3, extraLoad: 0.072 },
  { name: 'fixed 50 ms', hedge: { ...UNLIMITED, delay: 50 }, p99Ms: 54.4, p999Ms: 59.6, extraLoad: 0.021 },
  { name: 'p90, one hedge', hedge: { ...UNLIMITED, delay: { quantile: 0.9 } }, p99Ms: 15.5, p999Ms: 44.8, extraLoad: 0.1 },
  { name: 'p95, one hedge', hedge: { ...UNLIMITED, delay: { quantile: 0.95 } }, p99Ms: 24.2, p999Ms: 48.0, extraLoad: 0.05 },
  { name: 'p90, two hedges (d, 2d)', hedge: { ...UNLIMITED, delay: { quantile: 0.9 }, maxHedges: 2 }, p99Ms: 15.5, p999Ms: 22.6, extraLoad: 0.105 },
  { name: 'minimise p99, 2 %', hedge: { ...spending(0.02), delay: { minimize: 0.99 } }, p99Ms: 48.7, p999Ms: 87.3, extraLoad: 0.02 },
  { name: 'minimise p99, 5 %', hedge: { ...spending(0.05), delay: { minimize: 0.99 } }, p99Ms: 20.5, p999Ms: 65.0, extraLoad: 0.05 },
  { name: 'minimise p99, 10 %', hedge: { ...spending(0.1), delay: { minimize: 0.99 } }, p99Ms: 15.5, p999Ms: 44.8, extraLoad: 0.1 },
  { name: 'minimise p95, 5 %', hedge: { ...spending(0.05), delay: { minimize: 0.95 } }, p99Ms: 58.6, p999Ms: 97, extraLoad: 0.05 },
  { name: 'minimise p99.9, 10 %, two hedges', hedge: { ...spending(0.1), delay: { minimize: 0.999 }, maxHedges: 2 }, p99Ms: 16.7, p999Ms: 20.4, extraLoad: 0.1 },
  { name: 'minimise p99.9, 5 %, two hedges', hedge: { ...spending(0.05), delay: { minimize: 0.999 }, maxHedges: 2 }, p99Ms: 32.2, p999Ms: 38.2, extraLoad: 0.05 },
  { name: 'two copies at once', hedge: { ...UNLIMITED, delay: 0 }, p99Ms: 8.66, p999Ms: 40.8, extraLoad: 1 },
  { name: 'three copies at once', hedge: { ...UNLIMITED, delay: [0, 0] }, p99Ms: 6.66, p999Ms: 8.66, extraLoad: 2 },
];

/** A promise about goal seeking under an ordinary budget, of which it leaves a little unspent. */
export interface Promised {
  readonly name: string;
  readonly hedge: HedgerOptions;
  readonly quantile: number;
  readonly atMostMs: number;
  readonly atMostLoad: number;
}

export const PROMISED: readonly Promised[] = [
  { name: 'minimise p99, budget 5 %', hedge: { budget: { ratio: 0.05 }, delay: { minimize: 0.99 } }, quantile: 0.99, atMostMs: 20.5 * 1.05, atMostLoad: 0.052 },
  { name: 'minimise p99, budget 10 %', hedge: { delay: { minimize: 0.99 } }, quantile: 0.99, atMostMs: 15.5 * 1.05, atMostLoad: 0.102 },
  { name: 'minimise p99.9, two hedges, budget 10 %', hedge: { delay: { minimize: 0.999 }, maxHedges: 2 }, quantile: 0.999, atMostMs: 22, atMostLoad: 0.102 },
];

/** How default options fare, beside them. */
export const DEFAULT: { readonly name: string; readonly hedge: HedgerOptions } = { name: 'default options', hedge: {} };
