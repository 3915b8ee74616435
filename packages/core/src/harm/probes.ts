/** While hedging of a route is paused one hedge in this many calls is sent, to see whether copies help again: under half a percent of load. */
const CALLS_PER_PROBE = 230;

/** When the probes of a paused route are due: by count and not by chance. */
export class Probes {
  private dueAtCall: number;

  /** Hedging pauses at this call of the route. */
  constructor(calls: number) {
    this.dueAtCall = calls + CALLS_PER_PROBE;
  }

  /** Whether one is due by this call, or would be so many probes later. */
  isDue(calls: number, ahead = 0): boolean {
    return calls >= this.dueAtCall - ahead * CALLS_PER_PROBE;
  }

  /** Each puts the next one off, so that a route stays at one hedge in {@link CALLS_PER_PROBE} calls while it is paused. */
  sent(calls: number): void {
    this.dueAtCall = Math.max(this.dueAtCall, calls) + CALLS_PER_PROBE;
  }
}
