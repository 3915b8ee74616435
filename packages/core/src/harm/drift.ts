/** A period lasts at least this long … */
const PERIOD_MS = 1_000;
/** … and a change must show in two of them, so that a short stall is none. */
const LEAST_PERIODS = 2;
const MOST_PERIODS = 10;
/** Surprise, as the logarithm of a likelihood ratio, that chance does not reach in a day. */
const ENOUGH = 12;
/** The odds must have changed by this factor: lesser changes are left to the window. */
const ODDS_FACTOR = 3;
/** So many of the latest samples outlive a change. */
const KEPT = 256;

/** How many of a period's primaries took longer than a quantile that was known before. */
interface Period {
  readonly samples: number;
  readonly above: readonly number[];
}

/** A latency that the estimate says `share` of the primaries exceed. */
export interface Reference {
  readonly share: number;
  readonly ms: number;
}

/**
 * Notices that the recent past contradicts the estimate, so that what came before can be forgotten: after a step the old
 * latencies would spoil the estimate for as long as the window remembers them.
 */
export class Drift {
  private references: readonly Reference[] = [];
  private periods: readonly Period[] = [];
  private samples = 0;
  private above: number[] = [];
  private startedAtMs = 0;
  /** The latest samples, negative if censored: a ring. */
  private readonly ring = new Float32Array(KEPT);
  private kept = 0;

  /** One more sample; negative if censored. */
  see(sample: number): void {
    this.ring[this.kept++ % KEPT] = sample;
    this.samples++;
    for (let index = 0; index < this.references.length; index++) {
      if (Math.abs(sample) > (this.references[index]?.ms ?? Infinity)) this.above[index] = (this.above[index] ?? 0) + 1;
    }
  }

  /** Renews what is expected from now on. */
  expect(references: readonly Reference[]): void {
    if (references.length !== this.references.length) this.forget();
    this.references = references;
  }

  /** Whether the latest periods contradict what was expected of them. If so they are forgotten, so it is said once. */
  isContradicted(nowMs: number): boolean {
    if (this.references.length === 0 || nowMs - this.startedAtMs < PERIOD_MS) return false;
    this.periods = [{ samples: this.samples, above: this.above }, ...this.periods].slice(0, MOST_PERIODS);
    this.open(nowMs);
    const isChanged = this.references.some(({ share }, index) => contradicts(this.periods, share, index));
    if (isChanged) this.forget();
    return isChanged;
  }

  /** The latest samples, oldest first. */
  latest(): number[] {
    const count = Math.min(this.kept, KEPT);
    return Array.from({ length: count }, (_, index) => this.ring[(this.kept - count + index) % KEPT] ?? 0);
  }

  private forget(): void {
    this.periods = [];
    this.open(this.startedAtMs);
  }

  private open(nowMs: number): void {
    this.startedAtMs = nowMs;
    this.samples = 0;
    this.above = this.references.map(() => 0);
  }
}

/** Goes back from the latest period while each of them is off to the same side. */
function contradicts(periods: readonly Period[], share: number, reference: number): boolean {
  let samples = 0;
  let above = 0;
  let side = 0;
  for (const [age, period] of periods.entries()) {
    if (period.samples === 0) continue;
    const own = Math.sign((period.above[reference] ?? 0) / period.samples - share);
    if (side === 0) side = own;
    else if (own !== side) return false;
    samples += period.samples;
    above += period.above[reference] ?? 0;
    if (age + 1 < LEAST_PERIODS) continue;
    const odds = above / Math.max(0.5, samples - above) / (share / (1 - share));
    if ((odds > ODDS_FACTOR || odds < 1 / ODDS_FACTOR) && samples * divergence(above / samples, share) > ENOUGH) return true;
  }
  return false;
}

/** How surprising a share is where another was expected: the Kullback–Leibler divergence of two coins. */
function divergence(seen: number, expected: number): number {
  return term(seen, expected) + term(1 - seen, 1 - expected);
}

function term(seen: number, expected: number): number {
  return seen === 0 ? 0 : seen * Math.log(seen / expected);
}
