import type { Survival } from '../latency/survival-curve.js';
import { EfficacyGate } from './efficacy.js';
import { Instances } from './instances.js';
import { winChance } from './win-chance.js';

/** What a gate needs to know of its route. */
export interface GatedRoute {
  /** Calls of the route so far. */
  readonly calls: number;
  /** Tells when estimates were renewed, and when the past was forgotten. */
  readonly version: { readonly refreshes: number; readonly resets: number };
  /** The latency of primaries; `undefined` while there are too few samples. */
  curve(): Survival | undefined;
}

/**
 * A hedge that takes more medians than this itself has met what its primary met, whoever ends first: where both wait for the same
 * stall to end, chance decides between them. Room enough for connecting first, with TLS, which takes three round trips to one.
 */
const MOST_MEDIANS = 3;
/** Delays closer than this share have the same chance. */
const SAME_DELAY = 0.02;

/** What independence predicts of hedges sent at a delay, as of a refresh of the estimates. */
interface Expectation {
  readonly delayMs: number;
  readonly refreshes: number;
  /** The chance of a win that takes the hedge no longer than `mostMs`. */
  readonly chance: number;
  readonly mostMs: number;
}

/** The efficacy gate of one route. Nothing is kept before the first hedge of the route was decided. */
export class Gate {
  private readonly route: GatedRoute;
  private readonly pauseAbove: number;
  private efficacy: EfficacyGate | undefined = undefined;
  private instances: Instances | undefined = undefined;
  private resets = 0;
  /** For the delay asked for last. */
  private known: Expectation | undefined = undefined;

  constructor(pauseAbove: number, route: GatedRoute) {
    this.pauseAbove = pauseAbove;
    this.route = route;
  }

  get isPaused(): boolean {
    return this.efficacy?.isPaused === true && !this.isOutdated;
  }

  get correlation(): number | undefined {
    return this.isOutdated ? undefined : this.efficacy?.correlation;
  }

  /** Whether a hedge that is due now would be of no use. */
  get isClosed(): boolean {
    return this.isPaused && this.efficacy?.owesProbe(this.route.calls) === false;
  }

  /** A hedge was sent, be it as a probe. */
  launched(): void {
    this.efficacy?.probed(this.route.calls);
  }

  /** An answer named its instance. */
  answeredBy(name: string): void {
    (this.instances ??= new Instances()).see(name);
  }

  /** A call was won that had a hedge at `delayMs`, while its primary ran; `hedgeMs` is what the hedge took, if it won. */
  decide(delayMs: number, hedgeMs: number | undefined, collided: boolean): void {
    const expected = this.expectedAt(delayMs);
    if (expected === undefined) return;
    const { chance, mostMs } = expected;
    const hedgeWon = hedgeMs !== undefined && hedgeMs <= mostMs;
    const efficacy = this.current();
    if (collided) efficacy.collide(chance, this.route.calls);
    else efficacy.decide(chance, hedgeWon, this.route.calls, this.instances?.isOne);
  }

  /** What was learnt under other latencies says nothing of these. */
  private get isOutdated(): boolean {
    return this.resets !== this.route.version.resets;
  }

  private current(): EfficacyGate {
    if (this.isOutdated) this.efficacy = undefined;
    this.resets = this.route.version.resets;
    return (this.efficacy ??= new EfficacyGate(this.pauseAbove));
  }

  private expectedAt(delayMs: number): Expectation | undefined {
    const { refreshes } = this.route.version;
    const { known } = this;
    if (known?.refreshes === refreshes && Math.abs(delayMs - known.delayMs) <= SAME_DELAY * delayMs) return known;
    const curve = this.route.curve();
    const mostMs = MOST_MEDIANS * (curve?.quantile(0.5) ?? Infinity);
    const chance = curve && winChance(curve, delayMs, mostMs);
    return (this.known = chance === undefined ? undefined : { delayMs, refreshes, chance, mostMs });
  }
}
