import type { HedgerOptions } from '@hedgerow/core';
import type { SimulationResult } from 'hedgerow';
import { formatShare } from '#cli/demo/format.js';
import { quantile } from '#cli/demo/percentiles.js';
import type { Setting } from '../../support/benchmark.js';
import type { Check } from '../../support/outcome.js';
import { percentileColumns } from '../../support/percentiles.js';
import type { Columns } from '../../support/table.js';
import { notSent, p99 } from '../result.js';

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

export const COLUMNS: Columns<Row> = {
  'scenario, policy': ({ scenario, policy }) => `${scenario}, ${policy}`,
  ...percentileColumns(({ result }) => result.latencies, [0.5, 0.9, 0.99]),
  'extra load': ({ result }) => formatShare(result.extraLoad),
  'slots taken': ({ result: { utilisation } }) => (utilisation === undefined ? '' : formatShare(utilisation)),
  'not sent': ({ result }) => formatShare(notSent(result)),
};

export function recordOf({ scenario, policy, result }: Row): Record<string, string | number | undefined> {
  const { latencies, calls, hedges, hedgeWins, extraLoad, utilisation, worstWindow, suppressions } = result;
  return {
    scenario,
    policy,
    calls,
    p50Ms: quantile(latencies, 0.5),
    p90Ms: quantile(latencies, 0.9),
    p99Ms: p99(result),
    extraLoad,
    hedges,
    hedgeWins,
    utilisation,
    worstWindow,
    suppressions: JSON.stringify(suppressions),
  };
}

/** The most that a budget with the default burst, a second's allowance, can ever have kept: what such a second brings in. */
export function mostBurst({ seconds }: SimulationResult, ratio: number = BUDGET_RATIO): number {
  let most = 0;
  for (let first = 0; first < seconds.length; first++) {
    const calls = seconds.slice(first, first + 2).reduce((sum, second) => sum + second.calls, 0);
    most = Math.max(most, ratio * calls);
  }
  return Math.max(10, most);
}

