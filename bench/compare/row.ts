import { formatMs } from '#cli/demo/format.js';
import { quantile } from '#cli/demo/percentiles.js';
import { LOOP_COLUMNS, type Run } from '../support/closed-loop.js';
import { formatRatio } from '../support/outcome.js';
import { percentileFields } from '../support/percentiles.js';
import type { Columns } from '../support/table.js';

/** One run and what to hold it against. */
export interface Row extends Run {
  /** The best p99 that theory allows at the extra load spent; of a run without hedging its own. */
  readonly bestMs: number;
}

export function p99(row: Row): number {
  return quantile(row.measured.latencies, 0.99);
}

export const COLUMNS: Columns<Row> = {
  policy: ({ name }) => name,
  ...LOOP_COLUMNS,
  'best p99': ({ bestMs }) => formatMs(bestMs),
  'p99 / best': (row) => formatRatio(p99(row) / row.bestMs),
};

export function recordOf({ name, measured, bestMs }: Row): Record<string, string | number> {
  const { extraLoad, refused, requestsPerSecond, busy, others } = measured;
  return {
    policy: name,
    ...percentileFields(measured.latencies),
    extraLoad, refused, bestP99Ms: bestMs, requestsPerSecond, clientBusy: busy, otherProcesses: others,
  };
}
