/** What is slow on a route. */
export interface Slowness {
  /** Nine primaries in ten take no longer, in milliseconds. */
  readonly ms: number;
  /** The share that does, above 0 and about a tenth at most. */
  readonly share: number;
}

/** Calls remembered. */
const SIZE = 256;
/** So many calls in a row that are late, right before one, … */
const ROW = 3;
/** … or so many that have waited for this many times as long as is slow, are no chance: whatever it is, it is not one slow request. */
const OLD_ROW = 2;
const OLD = 2;

/** The calls of one route in the order in which they began, to see whether those right before a call are late as well. */
export class CallOrder {
  private readonly route: { readonly slowness: Slowness | undefined };
  /** Of each call remembered, made once it is known what is slow. */
  private startedAtMs: Float64Array = new Float64Array(0);
  private waits: Uint8Array = new Uint8Array(0);
  /** Numbers of calls: the first and the latest noted, and the last that is known to be old. */
  private first = Infinity;
  private latest = 0;
  private old = 0;

  constructor(route: { readonly slowness: Slowness | undefined }) {
    this.route = route;
  }

  /** A call begins. Numbers go up by one. */
  begin(number: number, nowMs: number): void {
    if (this.first === Infinity) {
      if (this.route.slowness === undefined) return;
      this.startedAtMs = new Float64Array(SIZE);
      this.waits = new Uint8Array(SIZE);
      this.first = number;
      this.old = number - 1;
    }
    this.startedAtMs[number % SIZE] = nowMs;
    this.waits[number % SIZE] = 1;
    this.latest = number;
  }

  /** It has been settled, however. */
  end(number: number): void {
    if (this.isKnown(number)) this.waits[number % SIZE] = 0;
  }

  /**
   * Whether the calls right before one, or the last that are old, are late, all of them.
   *
   * @param isSooner - hedges are due sooner than is slow, by what other routes leave: then it is late to take longer than this call has taken so far.
   */
  isInWave(number: number, nowMs: number, isSooner = false): boolean {
    const { slowness } = this.route;
    if (slowness === undefined) return false;
    const lateMs = isSooner && this.isKnown(number) ? Math.min(slowness.ms, nowMs - this.startedAt(number)) : slowness.ms;
    while (this.old < this.latest && this.isOld(this.old + 1, nowMs - OLD * slowness.ms)) this.old++;
    return this.areLate(number - 1, ROW, nowMs - lateMs) || this.areLate(this.old, OLD_ROW, nowMs - slowness.ms);
  }

  private isOld(number: number, sinceMs: number): boolean {
    return number <= this.latest - SIZE || this.startedAt(number) <= sinceMs;
  }

  /** So many calls up to this one, waiting since then. */
  private areLate(number: number, row: number, sinceMs: number): boolean {
    for (let call = number; call > number - row; call--) {
      if (!this.isKnown(call) || this.waits[call % SIZE] === 0 || this.startedAt(call) > sinceMs) return false;
    }
    return true;
  }

  private isKnown(number: number): boolean {
    return number >= this.first && number > this.latest - SIZE;
  }

  private startedAt(number: number): number {
    return this.startedAtMs[number % SIZE] ?? 0;
  }
}
