import type { Clustering } from './clustering.js';

/** What is slow on a route. */
export interface Slowness {
  /** Longer than this, in milliseconds, … */
  readonly ms: number;
  /** … take this share of its primaries. */
  readonly share: number;
}

/** How a call ended. */
export interface Ended {
  readonly elapsedMs: number;
  /** Whether it was answered; what is given up says only how long it took at least. */
  readonly isAnswered: boolean;
  /** A hedge was sooner than the primary. */
  readonly isOvertaken: boolean;
}

/** Calls remembered: a power of two. Of one that many others have begun after it is taken what is known by then. */
const SIZE = 256;
/** A slow share that is hardly known would make too much of one call. */
const LEAST_SHARE = 0.005;
/** So many calls in a row that are late, right before one, … */
const ROW = 3;
/** … or so many that have waited for this many times as long as is slow, are no chance: whatever it is, it is not one slow request. */
const OLD_ROW = 2;
const OLD = 2;

/** What is known of a call. */
const Fate = { Waiting: 0, Quick: 1, Slow: 2, Unknown: 3 } as const;

const NONE = new Float64Array(0);
const NO_FATES = new Uint8Array(0);

/**
 * The calls of one route in the order in which they began: whether slow ones follow slow ones, which its origin's {@link Clustering} is told, and whether those right
 * before a call are late. A call whose hedge was sooner than its primary is not slow: there the copies help.
 */
export class CallOrder {
  private isOut = false;
  private readonly route: { readonly slowness: Slowness | undefined };
  private readonly clustering: Clustering;
  /** Of each call remembered, made once it is known what is slow. */
  private startedAtMs: Float64Array = NONE;
  private fates: Uint8Array = NO_FATES;
  /** Numbers of calls: the first and the latest noted, … */
  private first = Infinity;
  private latest = 0;
  /** … the last of which it is settled whether a slow one follows, and the last that is known to be old. */
  private counted = 0;
  private old = 0;

  constructor(route: { readonly slowness: Slowness | undefined }, clustering: Clustering) {
    this.route = route;
    this.clustering = clustering;
  }

  /** Whether the origin seems to be out: what is slow then says nothing of queues. */
  set outage(isOut: boolean) {
    this.isOut = isOut;
    if (isOut) this.clustering.endure();
  }

  /** A call begins. Numbers go up by one. */
  begin(number: number, nowMs: number): void {
    if (this.first === Infinity) {
      if (this.route.slowness === undefined) return;
      this.startedAtMs = new Float64Array(SIZE);
      this.fates = new Uint8Array(SIZE);
      this.first = number;
      this.counted = this.old = number - 1;
    }
    while (this.counted < number - SIZE) this.countUndecided(nowMs);
    const slot = number % SIZE;
    this.startedAtMs[slot] = nowMs;
    this.fates[slot] = Fate.Waiting;
    this.latest = number;
  }

  end(number: number, ended: Ended, nowMs: number): void {
    if (!this.isKnown(number)) return;
    this.fates[number % SIZE] = this.fateOf(ended);
    this.count(nowMs);
  }

  /** Whether the calls right before one, or the last that are old, are late, all of them. */
  isInWave(number: number, nowMs: number): boolean {
    const { slowness } = this.route;
    if (slowness === undefined) return false;
    while (this.old < this.latest && this.isOld(this.old + 1, nowMs - OLD * slowness.ms)) this.old++;
    return this.areLate(number - 1, ROW, nowMs - slowness.ms) || this.areLate(this.old, OLD_ROW, nowMs - slowness.ms);
  }

  private isOld(number: number, sinceMs: number): boolean {
    return number <= this.latest - SIZE || this.startedAt(number) <= sinceMs;
  }

  /** So many calls up to this one, waiting since then. */
  private areLate(number: number, row: number, sinceMs: number): boolean {
    for (let before = 0; before < row; before++) {
      const call = number - before;
      if (!this.isKnown(call) || this.fate(call) !== Fate.Waiting || this.startedAt(call) > sinceMs) return false;
    }
    return true;
  }

  private count(nowMs: number): void {
    while (this.counted + 1 < this.latest && this.fate(this.counted + 1) !== Fate.Waiting && this.fate(this.counted + 2) !== Fate.Waiting) this.countNext(nowMs);
  }

  private countNext(nowMs: number): void {
    const [fate, next] = [this.fate(++this.counted), this.fate(this.counted + 1)];
    const share = this.route.slowness?.share ?? 0;
    if (fate === Fate.Slow && next !== Fate.Unknown && !this.isOut) this.clustering.add(next === Fate.Slow, Math.max(LEAST_SHARE, share), nowMs);
  }

  /** The next call to count is about to be forgotten. */
  private countUndecided(nowMs: number): void {
    for (const number of [this.counted + 1, this.counted + 2]) {
      if (this.fate(number) === Fate.Waiting) this.fates[number % SIZE] = this.fateOf({ elapsedMs: nowMs - this.startedAt(number), isAnswered: false, isOvertaken: false });
    }
    this.countNext(nowMs);
    this.count(nowMs);
  }

  private fateOf({ elapsedMs, isAnswered, isOvertaken }: Ended): number {
    if (isOvertaken) return Fate.Quick;
    if (elapsedMs > (this.route.slowness?.ms ?? Infinity)) return Fate.Slow;
    return isAnswered ? Fate.Quick : Fate.Unknown;
  }

  private isKnown(number: number): boolean {
    return number >= this.first && number > this.latest - SIZE;
  }

  private fate(number: number): number {
    return this.fates[number % SIZE] ?? Fate.Unknown;
  }

  private startedAt(number: number): number {
    return this.startedAtMs[number % SIZE] ?? 0;
  }
}
