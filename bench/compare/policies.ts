import type { HedgerOptions } from '@hedgerow/core';

/** A way to hedge. */
export interface Policy {
  readonly name: string;
  /** `undefined`: no hedging. */
  readonly options: HedgerOptions | undefined;
}

/** @param requestsPerSecond - the traffic, which policies with a fixed rate are told. */
export function policies(requestsPerSecond: number): readonly Policy[] {
  return [
    { name: 'fixed 10 ms', options: { delay: 10 } },
    { name: 'fixed 50 ms', options: { delay: 50 } },
    { name: DEFAULT, options: {} },
    { name: GOAL, options: { delay: { minimize: 0.99 } } },
    { name: QUANTILE_5, options: { delay: { quantile: 0.95 }, budget: { ratio: 0.05 } } },
    { name: GOAL_5, options: { delay: { minimize: 0.99 }, budget: { ratio: 0.05 } } },
    { name: TWO_HEDGES, options: { delay: { minimize: 0.999 }, maxHedges: 2 } },
    { name: 'as others: fixed 10 ms, no budget', options: { delay: 10, budget: false } },
    { name: 'as others: p90, rate bucket 10 %', options: { delay: { quantile: 0.9 }, budget: { requestsPerSecond, ratio: 0.1 } } },
  ];
}

export const NONE = 'no hedging';
export const NONE_AGAIN = 'no hedging, at the end';
export const DEFAULT = 'default (10 % budget)';
export const GOAL = 'goal seeking p99, 10 % budget';
export const QUANTILE_5 = 'p95, 5 % budget';
export const GOAL_5 = 'goal seeking p99, 5 % budget';
export const TWO_HEDGES = 'goal seeking p99.9, two hedges';
