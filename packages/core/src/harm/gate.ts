import type { Survival } from '../latency/survival-curve.js';
import { EfficacyGate } from './efficacy.js';
import { Instances } from './instances.js';
import { isUseful } from './usefulness.js';
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

/** A hedge of a won call, whose primary ran on when it was sent. */
export interface Decided {
  readonly delayMs: number;
  /** From its start until the call's answer came. */
  readonly tookMs: number;
  /** For how long the answer then waited until the client read it. */
  readonly lagMs: number;
  readonly hasWon: boolean;
  /** Both copies are known to have been on one instance. */
  readonly hasCollided: boolean;
  /** When the call ended. */
  readonly nowMs: number;
}

/** Delays closer than this share have the same chance. */
const SAME_DELAY = 0.02;

/** An answer that waited for longer than this share of the time before does not tell which copy was the first. */
const MOST_LAG = 0.25;

/** Latencies as of a refresh, and the chance of a win at the delay asked for last. */
interface Known {
  readonly refreshes: number;
  readonly curve: Survival;
  readonly delayMs: number;
  readonly chance: number;
}

/** The efficacy gate of one route. Nothing is kept before the first hedge of the route was decided. */
export class Gate {
  private readonly route: GatedRoute;
  private readonly pauseAbove: number;
  private efficacy: EfficacyGate | undefined = undefined;
  private instances: Instances | undefined = undefined;
  private known: Known | undefined = undefined;

  constructor(pauseAbove: number, route: GatedRoute) {
    this.pauseAbove = pauseAbove;
    this.route = route;
  }

  get isPaused(): boolean {
    return this.efficacy?.isPaused === true;
  }

  get correlation(): number | undefined {
    return this.efficacy?.correlation;
  }

  /** Whether a hedge that is due now would be of no use. */
  get isClosed(): boolean {
    return this.efficacy?.isPaused === true && !this.efficacy.owesHedge(this.route.calls);
  }

  /** A hedge was sent, be it as a probe. */
  launched(): void {
    this.efficacy?.sent(this.route.calls);
  }

  /** An answer named its instance. */
  answeredBy(name: string): void {
    (this.instances ??= new Instances()).see(name);
  }

  decide({ delayMs, tookMs, lagMs, hasWon, hasCollided, nowMs }: Decided): void {
    if (!hasCollided && lagMs > MOST_LAG * tookMs) return;
    const known = this.knownAt(delayMs);
    if (known === undefined) return;
    const efficacy = (this.efficacy ??= new EfficacyGate(this.pauseAbove));
    const verdict = {
      chance: known.chance,
      isUseful: hasWon && isUseful(known.curve, delayMs, tookMs),
      unanswered: known.curve.runningAt(tookMs),
      calls: this.route.calls,
      nowMs,
      hasOneInstance: this.instances?.isOne === true,
    };
    if (hasCollided) efficacy.collide(verdict);
    else efficacy.decide(verdict);
  }

  private knownAt(delayMs: number): Known | undefined {
    const { refreshes } = this.route.version;
    const { known } = this;
    const isCurrent = known?.refreshes === refreshes;
    if (isCurrent && Math.abs(delayMs - known.delayMs) <= SAME_DELAY * delayMs) return known;
    const curve = isCurrent ? known.curve : this.route.curve();
    if (curve === undefined) return undefined;
    const chance = winChance(curve, delayMs);
    return chance === undefined ? undefined : (this.known = { refreshes, curve, delayMs, chance });
  }
}
