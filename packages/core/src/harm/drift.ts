/** A period lasts at least this long … */
const PERIOD_MS = 1_000;
/** … and slower answers must show in two of them, so that a short stall is no change. */
const LEAST_PERIODS_SLOWER = 2;
const MOST_PERIODS = 10;
/** Fewer samples would not give an estimate to go on with. */
const LEAST_SAMPLES = 90;
/** Surprise, as the logarithm of a likelihood ratio, that chance hardly reaches in an hour. */
const ENOUGH = 10;
/** The odds must have changed by this factor: lesser changes are left to the window. */
const ODDS_FACTOR = 3;
/** At most so many of the latest samples outlive a change. */
const MOST_KEPT = 256;

/** How many of a period's primaries took longer than a quantile that was known before. */
interface Period {
  /** Of those, by reference, of which it is known whether they did. */
  readonly samples: readonly number[];
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
  private samples: number[] = [];
  private above: number[] = [];
  private startedAtMs = 0;
  /** The latest samples, negative if censored: a ring. */
  private readonly ring = new Float32Array(MOST_KEPT);
  private kept = 0;

  /** One more sample; negative if censored. */
  see(sample: number): void {
    this.ring[this.kept++ % MOST_KEPT] = sample;
    for (let index = 0; index < this.references.length; index++) {
      const isAbove = Math.abs(sample) > (this.references[index]?.ms ?? Infinity);
      // A censored one that was not above yet may have become so.
      if (sample < 0 && !isAbove) continue;
      this.samples[index] = (this.samples[index] ?? 0) + 1;
      if (isAbove) this.above[index] = (this.above[index] ?? 0) + 1;
    }
  }

  /** Renews what is expected from now on. */
  expect(references: readonly Reference[]): void {
    if (references.length !== this.references.length) this.forget();
    this.references = references;
  }

  /**
   * Whether the latest periods contradict what was expected of them: then the samples that are still true, oldest first.
   * The rest is forgotten, so it is said once.
   */
  contradiction(nowMs: number): readonly number[] | undefined {
    if (this.references.length === 0 || nowMs - this.startedAtMs < PERIOD_MS) return undefined;
    this.periods = [{ samples: this.samples, above: this.above }, ...this.periods].slice(0, MOST_PERIODS);
    this.open(nowMs);
    const changed = Math.max(...this.references.map(({ share }, index) => samplesSinceChange(this.periods, share, index)));
    if (changed === 0) return undefined;
    this.forget();
    return this.latest(changed);
  }

  private latest(samples: number): number[] {
    const count = Math.min(samples, this.kept, MOST_KEPT);
    return Array.from({ length: count }, (_, index) => this.ring[(this.kept - count + index) % MOST_KEPT] ?? 0);
  }

  private forget(): void {
    this.periods = [];
    this.open(this.startedAtMs);
  }

  private open(nowMs: number): void {
    this.startedAtMs = nowMs;
    this.samples = this.references.map(() => 0);
    this.above = this.references.map(() => 0);
  }
}

/**
 * Goes back from the latest period while each of them is off to the same side, until that cannot be chance.
 *
 * @returns the samples since then, without the first of several periods, in which the change may have come; 0 for no change.
 */
function samplesSinceChange(periods: readonly Period[], share: number, reference: number): number {
  let samples = 0;
  let above = 0;
  let side = 0;
  for (const [age, period] of periods.entries()) {
    const seen = period.samples[reference] ?? 0;
    if (seen === 0) continue;
    const own = Math.sign((period.above[reference] ?? 0) / seen - share);
    if (side === 0) side = own;
    else if (own !== side) return 0;
    samples += seen;
    above += period.above[reference] ?? 0;
    if ((side > 0 && age + 1 < LEAST_PERIODS_SLOWER) || samples < LEAST_SAMPLES) continue;
    const odds = above / Math.max(0.5, samples - above) / (share / (1 - share));
    if ((odds > ODDS_FACTOR || odds < 1 / ODDS_FACTOR) && samples * divergence(above / samples, share) > ENOUGH) {
      return age === 0 ? samples : samples - seen;
    }
  }
  return 0;
}

/** How surprising a share is where another was expected: the Kullback–Leibler divergence of two coins. */
function divergence(seen: number, expected: number): number {
  return term(seen, expected) + term(1 - seen, 1 - expected);
}

function term(seen: number, expected: number): number {
  return seen === 0 ? 0 : seen * Math.log(seen / expected);
}
