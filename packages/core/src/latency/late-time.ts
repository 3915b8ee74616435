/** What an independent copy would save of the time that late requests still have left. */
export interface Saving {
  /** The share of that time, 0 to 1. */
  readonly share: number;
  /** Its standard error. */
  readonly error: number;
  /** The time that is saved, in milliseconds per request, late or not. */
  readonly savedMs: number;
}

/** Requests that still ran when last seen are taken to end at this many times that time. */
const UNSEEN = 2;

/**
 * The time that late requests have left, by the latency of requests as it is known: masses at the middles of its buckets. Made once for a curve, then asked
 * for one delay after another, each in a time linear in the buckets.
 */
export class LateTime {
  /** When requests end, ascending, and the share that does then. */
  private readonly endsMs: Float64Array;
  private readonly masses: Float64Array;
  /** The bounds of the buckets, S at each of them, and the area below S up to it. */
  private readonly boundsMs: Float64Array;
  private readonly running: Float64Array;
  private readonly areas: Float64Array;
  private readonly samples: number;

  /**
   * @param running - S at each of the bounds.
   * @param areas - the area below S up to each of them.
   * @param samples - how many the curve was made of.
   */
  constructor(boundsMs: Float64Array, running: Float64Array, areas: Float64Array, samples: number) {
    this.boundsMs = boundsMs;
    this.running = running;
    this.areas = areas;
    this.samples = samples;
    const { length } = boundsMs;
    this.endsMs = new Float64Array(length);
    this.masses = new Float64Array(length);
    for (let index = 1; index < length; index++) {
      this.endsMs[index - 1] = (at(boundsMs, index - 1) + at(boundsMs, index)) / 2;
      this.masses[index - 1] = at(running, index - 1) - at(running, index);
    }
    this.endsMs[length - 1] = UNSEEN * at(boundsMs, length - 1);
    this.masses[length - 1] = at(running, length - 1);
  }

  /** The mean time of a request, in milliseconds. */
  get meanMs(): number {
    let meanMs = 0;
    for (let index = 0; index < this.endsMs.length; index++) meanMs += at(this.masses, index) * at(this.endsMs, index);
    return meanMs;
  }

  /**
   * With T the time of a request and T₂ that of a copy sent after `delayMs`, an independent draw: E[(T − d − T₂)⁺; T > d] / E[(T − d)⁺].
   * Of a request that has x left the copy saves E[(x − T₂)⁺] = x − E[min(x, T₂)], and E[min(x, T₂)] is the area below S up to x.
   */
  savedAt(delayMs: number): Saving {
    let mass = 0;
    let left = 0;
    let saved = 0;
    let leftSquared = 0;
    let savedSquared = 0;
    let product = 0;
    let bound = 0;
    for (let index = this.firstBeyond(delayMs); index < this.endsMs.length; index++) {
      const share = at(this.masses, index);
      if (share === 0) continue;
      const leftMs = at(this.endsMs, index) - delayMs;
      while (at(this.boundsMs, bound + 1) <= leftMs) bound++;
      const savedMs = leftMs - this.areaUpTo(leftMs, bound);
      mass += share;
      left += share * leftMs;
      saved += share * savedMs;
      leftSquared += share * leftMs * leftMs;
      savedSquared += share * savedMs * savedMs;
      product += share * savedMs * leftMs;
    }
    if (left === 0) return NOTHING;
    const share = saved / left;
    const deviation = savedSquared - 2 * share * product + share * share * leftSquared;
    // Of a ratio of two means (Cochran, Sampling Techniques, 1977, section 2.11), over the requests that run beyond the delay.
    return { share, savedMs: saved, error: Math.sqrt(Math.max(0, deviation) / mass / (this.samples * mass)) / (left / mass) };
  }

  private firstBeyond(delayMs: number): number {
    let low = 0;
    let high = this.endsMs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (at(this.endsMs, middle) > delayMs) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** `bound` is the last one not above `elapsedMs`. */
  private areaUpTo(elapsedMs: number, bound: number): number {
    const fromMs = at(this.boundsMs, bound);
    if (elapsedMs <= fromMs) return elapsedMs; // before the first of them everything runs
    const restMs = elapsedMs - fromMs;
    const running = at(this.running, bound);
    const widthMs = bound + 1 < this.boundsMs.length ? at(this.boundsMs, bound + 1) - fromMs : Infinity;
    const atEnd = widthMs === Infinity ? running : running + (restMs / widthMs) * (at(this.running, bound + 1) - running);
    return at(this.areas, bound) + (restMs * (running + atEnd)) / 2;
  }
}

const NOTHING: Saving = { share: 0, error: 0, savedMs: 0 };

function at(numbers: Float64Array, index: number): number {
  return numbers[index] ?? Infinity;
}
