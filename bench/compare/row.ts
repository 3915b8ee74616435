import { formatMs, formatShare } from '#cli/demo/format.js';
import { quantile } from '#cli/demo/percentiles.js';
import type { Measured } from '../support/measure.js';
import { PERCENTILE_NAMES, percentileCells, percentileFields } from '../support/percentiles.js';
import { formatRatio, type Table } from '../support/outcome.js';

/** One run and what to hold it against. */
export interface Row {
  readonly name: string;
  readonly measured: Measured;
  /** The best p99 that theory allows at the extra load spent; of a run without hedging its own. */
  readonly bestMs: number;
}

export function p99(row: Row): number {
  return quantile(row.measured.latencies, 0.99);
}

export function tableOf(rows: readonly Row[]): Table {
  return {
    head: ['policy', ...PERCENTILE_NAMES, 'extra load', 'refused', 'best p99', 'p99 / best'],
    rows: rows.map((row) => [
      row.name,
      ...percentileCells(row.measured.latencies),
      formatShare(row.measured.extraLoad),
      formatShare(row.measured.refused),
      formatMs(row.bestMs),
      formatRatio(p99(row) / row.bestMs),
    ]),
  };
}

export function recordOf({ name, measured, bestMs }: Row): Record<string, string | number> {
  const { extraLoad, refused, requestsPerSecond, busy, others } = measured;
  return {
    policy: name,
    ...percentileFields(measured.latencies),
    extraLoad, refused, bestP99Ms: bestMs, requestsPerSecond, clientBusy: busy, otherProcesses: others,
  };
}
