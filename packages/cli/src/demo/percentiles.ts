/** Latencies in ascending order. */
export type Sorted = Float64Array & { readonly sorted?: unique symbol };

export function sorted(latencies: Float64Array): Sorted {
  return Float64Array.from(latencies).sort();
}

/**
 * The smallest latency that at least this share of all does not exceed (nearest rank; nothing is interpolated).
 *
 * @param quantile - in (0, 1].
 * @returns NaN if there are none.
 */
export function quantile(latencies: Sorted, quantile: number): number {
  // Without the small allowance 0.9 × 10 would round up to rank 10 on some lengths.
  const rank = Math.ceil(quantile * latencies.length - 1e-9);
  return latencies[Math.max(rank, 1) - 1] ?? NaN;
}

/** What the demo's table shows. */
export const QUANTILES = [0.5, 0.9, 0.95, 0.99, 0.999] as const;

/** `0.999` → `'p99.9'`. */
export function quantileName(quantile: number): string {
  return `p${Number((quantile * 100).toFixed(6))}`;
}
