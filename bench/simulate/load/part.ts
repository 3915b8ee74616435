import type { HedgerOptions } from '@hedgerow/core';
import type { SimulationResult } from 'hedgerow';
import { formatMs, formatShare } from '#cli/demo/format.js';
import { quantile } from '#cli/demo/percentiles.js';
import type { Setting } from '../../support/benchmark.js';
import type { Check } from '../../support/outcome.js';

export type Sizes = 'calls' | 'gateCalls' | 'seeds';

export type LoadSetting = Setting<Sizes>;

/** A scenario under a policy, and what came of it. */
export interface Row {
  readonly scenario: string;
  readonly policy: string;
  readonly result: SimulationResult;
}

/** What one group of scenarios found out. */
export interface Part {
  readonly rows: readonly Row[];
  readonly checks: readonly Check[];
}

export interface Policy {
  readonly name: string;
  readonly hedge: HedgerOptions | false;
}

/** The share of the budget that default options have. */
export const BUDGET_RATIO = 0.1;
/** Two percentage points: what a hedge rate that is back may differ by from what it was. */
export const TWO_POINTS = 0.02;

export const NONE: Policy = { name: 'none', hedge: false };
export const DEFAULT: Policy = { name: 'default', hedge: {} };

export function p99({ latencies }: SimulationResult): number {
  return quantile(latencies, 0.99);
}

export const HEAD: readonly string[] = ['scenario, policy', 'p50', 'p90', 'p99', 'extra load', 'slots taken', 'not sent'];

export function cells({ scenario, policy, result }: Row): string[] {
  const { calls, latencies, extraLoad, utilisation, suppressions } = result;
  const suppressed = Object.values(suppressions).reduce((sum, count) => sum + count, 0);
  return [
    `${scenario}, ${policy}`,
    ...[0.5, 0.9, 0.99].map((share) => formatMs(quantile(latencies, share))),
    formatShare(extraLoad),
    utilisation === undefined ? '' : formatShare(utilisation),
    formatShare(suppressed / calls),
  ];
}

export function recordOf({ scenario, policy, result }: Row): Record<string, string | number | undefined> {
  const { latencies, calls, hedges, hedgeWins, extraLoad, utilisation, worstWindow, suppressions } = result;
  return {
    scenario,
    policy,
    calls,
    p50Ms: quantile(latencies, 0.5),
    p90Ms: quantile(latencies, 0.9),
    p99Ms: quantile(latencies, 0.99),
    extraLoad,
    hedges,
    hedgeWins,
    utilisation,
    worstWindow,
    suppressions: JSON.stringify(suppressions),
  };
}

/** The most that a budget with the default burst, ten seconds' allowance, can ever have kept: what these seconds bring in. */
export function mostBurst({ seconds }: SimulationResult, ratio: number = BUDGET_RATIO): number {
  let most = 0;
  for (let first = 0; first < seconds.length; first++) {
    const calls = seconds.slice(first, first + 11).reduce((sum, second) => sum + second.calls, 0);
    most = Math.max(most, ratio * calls);
  }
  return Math.max(10, most);
}

