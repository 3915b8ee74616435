import { formatMs } from '#cli/demo/format.js';
import { quantile, quantileName, QUANTILES, type Sorted } from '#cli/demo/percentiles.js';
import type { Columns } from './table.js';

/** `p50`, `p90`, … as columns of a table. */
export function percentileColumns<Row>(latenciesOf: (row: Row) => Sorted, quantiles: readonly number[] = QUANTILES): Columns<Row> {
  return Object.fromEntries(quantiles.map((q) => [quantileName(q), (row: Row) => formatMs(quantile(latenciesOf(row), q))]));
}

/** Percentiles as fields of a record, `p50Ms` and so on. */
export function percentileFields(latencies: Sorted): Record<string, number> {
  return Object.fromEntries(QUANTILES.map((q) => [`${quantileName(q)}Ms`, quantile(latencies, q)]));
}
