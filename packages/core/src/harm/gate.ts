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

/** Delays closer than this share have the same chance. */
const SAME_DELAY = 0.02;

/** The efficacy gate of one route. Nothing is kept before the first hedge of the route was decided. */
export class Gate {
  private readonly route: GatedRoute;
  private readonly pauseAbove: number;
  private efficacy: EfficacyGate | undefined = undefined;
  private instances: Instances | undefined = undefined;
  private resets = 0;
  /** The chance of a win at the delay asked for last, as of a refresh. */
  private known: { readonly delayMs: number; readonly refreshes: number; readonly chance: number } | undefined = undefined;

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

  /** A call was won that had a hedge at `delayMs`, while its primary ran. */
  decide(delayMs: number, hedgeWon: boolean, collided: boolean): void {
    const chance = this.chanceAt(delayMs);
    if (chance === undefined) return;
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

  private chanceAt(delayMs: number): number | undefined {
    const { refreshes } = this.route.version;
    const { known } = this;
    if (known?.refreshes === refreshes && Math.abs(delayMs - known.delayMs) <= SAME_DELAY * delayMs) return known.chance;
    const curve = this.route.curve();
    const chance = curve && winChance(curve, delayMs);
    this.known = chance === undefined ? undefined : { delayMs, refreshes, chance };
    return chance;
  }
}
