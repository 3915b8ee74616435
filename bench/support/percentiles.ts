import { formatMs } from '#cli/demo/format.js';
import { quantile, quantileName, QUANTILES, type Sorted } from '#cli/demo/percentiles.js';

/** `p50`, `p90`, … */
export const PERCENTILE_NAMES: readonly string[] = QUANTILES.map(quantileName);

/** Percentiles as cells of a table. */
export function percentileCells(latencies: Sorted): string[] {
  return QUANTILES.map((q) => formatMs(quantile(latencies, q)));
}

/** Percentiles as fields of a record, `p50Ms` and so on. */
export function percentileFields(latencies: Sorted): Record<string, number> {
  return Object.fromEntries(QUANTILES.map((q) => [`${quantileName(q)}Ms`, quantile(latencies, q)]));
}
