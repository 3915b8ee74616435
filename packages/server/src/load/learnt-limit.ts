/** Windows end after so long, if there were enough answers in them. */
const WINDOW_MS = 1_000;
const LEAST_ANSWERS = 10;
/** However few requests there are, so many at a time are no queue. */
const LEAST_LIMIT = 20;
/** How much longer answers may take than usual before that counts as a queue: their mixture changes, too. */
const TOLERANCE = 1.5;
/** How much of a new limit is taken over at a time. */
const SMOOTHING = 0.2;
/** How many windows the usual time looks back. */
const LONG_WINDOWS = 600;
/** Of the first windows every one counts as much as any other. */
const WARM_UP_WINDOWS = 10;

/**
 * How many requests a server has under way when it is as quick as usual, learnt from how long its answers take: Netflix's `Gradient2Limit`
 * (https://github.com/Netflix/concurrency-limits). Every window the limit is multiplied by how the usual time relates to that of now, at least by a half and at most by one, and some room for
 * a queue is added. It grows only while it is made use of.
 *
 * Unlike there, nothing but hedges is kept out by it, so that it begins at twice of what the first window had under way, and the room is the root of the limit: a limit of a thousand grows as
 * fast, in its measure, as one of twenty.
 */
export class LearntLimit {
  private limit: number | undefined = undefined;
  private usualMs = 0;
  private windows = 0;
  private beganAtMs: number | undefined = undefined;
  private answers = 0;
  private totalMs = 0;
  private mostInFlight = 0;

  /** `undefined` before the first window is over. */
  get value(): number | undefined {
    return this.limit;
  }

  /** A request was answered: how long that took, and how many were under way, itself included. */
  answered(tookMs: number, inFlight: number, nowMs: number): void {
    this.beganAtMs ??= nowMs;
    this.answers++;
    this.totalMs += tookMs;
    if (inFlight > this.mostInFlight) this.mostInFlight = inFlight;
    if (nowMs - this.beganAtMs >= WINDOW_MS && this.answers >= LEAST_ANSWERS) this.endWindow(nowMs);
  }

  private endWindow(nowMs: number): void {
    const meanMs = this.totalMs / this.answers;
    this.remember(meanMs);
    this.limit = this.limit === undefined ? Math.max(LEAST_LIMIT, 2 * this.mostInFlight) : this.next(this.limit, meanMs);
    this.beganAtMs = nowMs;
    this.answers = this.totalMs = this.mostInFlight = 0;
  }

  /** The usual time follows slowly, and faster once everything is twice as quick: what came before was a queue. */
  private remember(meanMs: number): void {
    this.windows++;
    const share = this.windows <= WARM_UP_WINDOWS ? 1 / this.windows : 2 / (LONG_WINDOWS + 1);
    this.usualMs += (meanMs - this.usualMs) * share;
    if (this.usualMs > 2 * meanMs) this.usualMs *= 0.95;
  }

  private next(limit: number, meanMs: number): number {
    if (this.mostInFlight < limit / 2) return limit;
    const gradient = Math.max(0.5, Math.min(1, (TOLERANCE * this.usualMs) / meanMs));
    const aim = limit * gradient + Math.sqrt(limit);
    return Math.max(LEAST_LIMIT, limit + (aim - limit) * SMOOTHING);
  }
}
