/** Evidence, as the logarithm of a likelihood ratio, that is enough to pause: some 13 wins expected and none seen. */
const ENOUGH = 4.5;
/** A route whose every answer names one instance needs less. */
const ENOUGH_FOR_ONE_INSTANCE = 3.75;
/** While paused one hedge in this many calls is sent to see whether copies help again: under half a percent of load. */
const CALLS_PER_PROBE = 210;
/** The correlation shown looks back over about this many expected wins. */
const MOST_EXPECTED = 50;
/** No hedge is sure to win. */
const MOST_CHANCE = 0.99;

/**
 * Whether copies help on one route. If they share the primary's fate (sticky sessions, one backend, requests slow by nature)
 * hedges win less often than independence predicts: with ρ the correlation, at (1 − ρ) times the rate.
 *
 * A cumulative sum test (Page, 1954) watches the hedges that were decided. Each adds the logarithm of how much likelier its
 * end is under a correlation clearly above `pauseAbove` than under one clearly below, the sum never falls under zero, and
 * hedging pauses when it is high. While paused a probe is sent now and then, by count and not by chance; one that wins ends
 * the pause, and half of the evidence stays, so that the next pause comes sooner.
 */
export class EfficacyGate {
  private readonly highRate: number;
  private readonly lowRate: number;
  private evidence = 0;
  private expected = 0;
  private wins = 0;
  private pausedAtCall: number | undefined = undefined;

  /** @param pauseAbove - the correlation above which hedging is not worth its load, in [0.5, 1). */
  constructor(pauseAbove: number) {
    this.lowRate = (1 - pauseAbove) / 2;
    this.highRate = (1 - pauseAbove) * 2;
  }

  get isPaused(): boolean {
    return this.pausedAtCall !== undefined;
  }

  /** 1 − wins / wins expected under independence, 0 to 1; `undefined` before anything is expected. */
  get correlation(): number | undefined {
    if (this.expected < 1) return undefined;
    return Math.min(1, Math.max(0, 1 - this.wins / this.expected));
  }

  /** A hedge was decided. `chance` is that of its win, were it independent; `calls` counts those of the route. */
  decide(chance: number, won: boolean, calls: number, hasOneInstance = false): void {
    this.expected += chance;
    if (won) this.wins++;
    if (this.expected > MOST_EXPECTED) {
      this.expected /= 2;
      this.wins /= 2;
    }
    if (won && this.isPaused) this.resume();
    else this.weigh(chance, won, calls, hasOneInstance);
  }

  /** Both copies were answered by the same instance: whoever won, that is what the gate looks for. */
  collide(chance: number, calls: number): void {
    this.weigh(chance, false, calls, true);
  }

  /** Whether a due hedge should be sent although hedging is paused. */
  owesProbe(calls: number): boolean {
    return this.pausedAtCall !== undefined && calls - this.pausedAtCall >= CALLS_PER_PROBE;
  }

  /** It was sent. */
  probed(calls: number): void {
    if (this.isPaused) this.pausedAtCall = calls;
  }

  private weigh(chance: number, won: boolean, calls: number, hasOneInstance: boolean): void {
    const sure = Math.min(chance, MOST_CHANCE);
    const step = won ? Math.log(this.lowRate / this.highRate) : Math.log((1 - this.lowRate * sure) / (1 - this.highRate * sure));
    const enough = hasOneInstance ? ENOUGH_FOR_ONE_INSTANCE : ENOUGH;
    this.evidence = Math.min(ENOUGH, Math.max(0, this.evidence + step));
    if (this.evidence >= enough) this.pausedAtCall ??= calls;
  }

  private resume(): void {
    this.pausedAtCall = undefined;
    this.evidence = ENOUGH / 2;
    this.expected = this.wins = 0;
  }
}
