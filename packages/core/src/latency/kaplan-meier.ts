/** Counts per logarithmic bucket: bucket k holds values in (gamma^(k−1), gamma^k]. */
export interface BucketCounts {
  /** The bucket number of index 0. */
  readonly firstBucket: number;
  /** Primaries that settled in each bucket. */
  readonly events: ArrayLike<number>;
  /** Primaries aborted in each bucket, whose own end is unknown. */
  readonly censored: ArrayLike<number>;
  /** How many buckets of the arrays are in use. */
  readonly length: number;
  /** Ratio of a bucket's bounds. */
  readonly gamma: number;
}

/**
 * Quantiles of a distribution some of whose samples were cut short (Kaplan & Meier, 1958, in its actuarial form: a bucket's
 * censored samples count as at risk for half of it). With S the share still running:
 * `S ← S · (1 − events / (atRisk − censored / 2))`. Within a bucket the quantile is interpolated.
 *
 * @param quantiles - in (0, 1), ascending.
 * @returns one value per quantile; `undefined` beyond what the samples identify.
 */
export function kaplanMeierQuantiles(counts: BucketCounts, quantiles: readonly number[]): (number | undefined)[] {
  const values: (number | undefined)[] = new Array<number | undefined>(quantiles.length).fill(undefined);
  let atRisk = 0;
  for (let index = 0; index < counts.length; index++) atRisk += at(counts.events, index) + at(counts.censored, index);

  let survival = 1;
  let next = 0;
  for (let index = 0; index < counts.length && next < quantiles.length; index++) {
    const events = at(counts.events, index);
    const censored = at(counts.censored, index);
    const exposed = atRisk - censored / 2;
    const before = survival;
    if (events > 0 && exposed > 0) survival *= Math.max(0, 1 - events / exposed);
    for (; next < quantiles.length; next++) {
      const target = 1 - at(quantiles, next);
      if (survival > target) break;
      const share = before > survival ? (before - target) / (before - survival) : 1;
      values[next] = within(counts, index, share);
    }
    atRisk -= events + censored;
  }
  return values;
}

function within(counts: BucketCounts, index: number, share: number): number {
  const lower = counts.gamma ** (counts.firstBucket + index - 1);
  return lower + share * lower * (counts.gamma - 1);
}

function at(numbers: ArrayLike<number>, index: number): number {
  return numbers[index] ?? 0;
}
