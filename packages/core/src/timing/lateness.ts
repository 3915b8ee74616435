/** What one launch says of the mean. */
const WEIGHT = 1 / 32;
/** The worst is forgotten by so much with each launch. */
const FORGOTTEN = 1 / 64;

/** By how much later than they were due hedges came to be launched of late: what timers round, what the event loop does meanwhile, and the look at the sockets. */
export class Lateness {
  meanMs = 0;
  worstMs = 0;

  note(lateMs: number): void {
    this.meanMs += WEIGHT * (lateMs - this.meanMs);
    this.worstMs = Math.max(lateMs, this.worstMs * (1 - FORGOTTEN));
  }
}
