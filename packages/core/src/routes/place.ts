import type { HedgeRequest, RaceUntil } from '../call.js';
import type { GoalEstimate, GoalRule } from '../goal/goal.js';
import { CallOrder } from '../harm/call-order.js';
import { Gate } from '../harm/gate.js';
import { Refusals } from '../harm/refusals.js';
import type { Trigger, TriggerRule } from '../harm/worth.js';
import { Aim, type Late } from '../latency/aim.js';
import type { SavedLatency } from '../latency/snapshot.js';
import type { SurvivalCurve } from '../latency/survival-curve.js';
import type { Warmup } from '../options/delays.js';
import type { GoalStats } from '../reporting/stats.js';
import type { Distribution } from './distribution.js';
import type { Pool } from './pool.js';

/** What a plan may know of a route's latency. */
export interface LatencyView {
  readonly key: string;
  /** Samples of the route, or of its origin if those are more. */
  readonly samples: number;
  /** A quantile in milliseconds, the origin's while the route has too few samples of its own. */
  quantile(quantile: number): number | undefined;
  /** When hedges are due by a rule, and whether they are worth it; by the origin's latency while the route has too few samples of its own. */
  trigger(rule: TriggerRule): Trigger | undefined;
  /** What to do for a goal, by the origin's latency while the route has too few samples of its own. */
  goal(rule: GoalRule): GoalEstimate | undefined;
}

/** Settings of the memory, all present. */
export interface LatencySettings {
  readonly windowMs: number;
  readonly subWindows: number;
  readonly maxKeys: number;
  readonly key: ((request: HedgeRequest) => string | undefined) | undefined;
  readonly warmup: Warmup | undefined;
  /** Above this correlation hedging pauses; `undefined`: never. */
  readonly pauseAbove: number | undefined;
}

/** What the routes of an origin share. */
export interface OriginPlace extends Pool {
  readonly raceUntil: RaceUntil;
  readonly distribution: Distribution;
  /** How many of them are remembered; with the last of them it is forgotten. */
  routes: number;
}

/** A route's place in the memory. */
export class Place implements LatencyView {
  readonly origin: string;
  /** What it shares with the other routes of its origin. */
  readonly pool: OriginPlace;
  /** Calls of the route so far. */
  calls = 0;
  /** Whether copies help; `undefined` if nobody wants to know. */
  readonly gate: Gate | undefined;
  /** How much sooner than planned its hedges are due. */
  readonly aim: Aim;
  /** What its servers say no with; `undefined` while they have not. */
  refusals: Refusals | undefined = undefined;
  /** Its calls as they began. */
  readonly order: CallOrder;
  private readonly route: Distribution;
  private readonly wholeOrigin: Distribution;
  private readonly makeDistribution: (key: string) => Distribution;
  /** The goal sought last, if any, and what the calls took that sought one. */
  private seeking: { readonly rule: GoalRule; readonly calls: Distribution } | undefined = undefined;

  constructor(origin: string, route: Distribution, whole: OriginPlace, settings: LatencySettings, late: Late, makeDistribution: (key: string) => Distribution) {
    this.origin = origin;
    this.route = route;
    this.pool = whole;
    this.wholeOrigin = whole.distribution;
    this.order = new CallOrder(route);
    this.gate = settings.pauseAbove === undefined ? undefined : new Gate(settings.pauseAbove, this);
    this.aim = new Aim(this, late);
    this.makeDistribution = makeDistribution;
  }

  noteRefusals(): Refusals {
    return (this.refusals ??= new Refusals());
  }

  /** Why hedging of the route pauses, if it does. */
  get pauseReason(): 'no_benefit' | 'refused' | undefined {
    if (this.refusals?.isPaused === true) return 'refused';
    return this.gate?.isPaused === true ? 'no_benefit' : undefined;
  }

  /** Whether its hedges are due sooner than planned, by what other routes leave. */
  get isSooner(): boolean {
    return this.route.triggers.isSooner;
  }

  /** Share of the budget that the origin can bear, above 0 up to 1: less than 1 where requests queue behind each other. */
  get easing(): number {
    return this.pool.lift.easing;
  }

  /** Counts renewals of what is known, and times it was forgotten. */
  get version(): { readonly refreshes: number; readonly resets: number } {
    return this.route;
  }

  /** The latency of primaries of the route, or of its origin while the route has too few samples. */
  curve(): SurvivalCurve | undefined {
    return this.route.curve() ?? this.wholeOrigin.curve();
  }

  get key(): string {
    return this.route.key;
  }

  get samples(): number {
    return Math.max(this.route.samples, this.wholeOrigin.samples);
  }

  /** Samples of the route alone. */
  get ownSamples(): number {
    return this.route.samples;
  }

  quantile(quantile: number): number | undefined {
    return this.route.quantile(quantile) ?? this.wholeOrigin.quantile(quantile);
  }

  trigger(rule: TriggerRule): Trigger | undefined {
    return this.route.trigger(rule) ?? this.wholeOrigin.trigger(rule);
  }

  goal(rule: GoalRule): GoalEstimate | undefined {
    if (this.seeking?.rule !== rule) this.seeking = { rule, calls: this.seeking?.calls ?? this.makeDistribution(this.key) };
    return this.route.goal(rule) ?? this.wholeOrigin.goal(rule);
  }

  /** See {@link Distribution.save}. */
  save(): SavedLatency | undefined {
    return this.route.save();
  }

  /** See {@link Distribution.load}. */
  load(saved: SavedLatency, ageMs: number): void {
    this.route.load(saved, ageMs);
  }

  /** What a call took that sought a goal, from its start to the winner's outcome. */
  recordCall(elapsedMs: number, nowMs: number): void {
    this.seeking?.calls.record(elapsedMs, false, nowMs);
  }

  /** How far the goal sought last is reached; `undefined` while none is, or too little is known. */
  describeGoal(): GoalStats | undefined {
    if (this.seeking === undefined) return undefined;
    const { rule, calls } = this.seeking;
    const estimate = this.goal(rule);
    return (
      estimate && {
        target: rule.target,
        delaysMs: estimate.delaysMs,
        probabilities: estimate.hedges.map(({ probability }) => probability),
        predictedMs: estimate.predictedMs,
        achievedMs: calls.currentQuantile(rule.target),
        identifiedUpToMs: estimate.identifiedUpToMs,
      }
    );
  }

  record(elapsedMs: number, isCensored: boolean, nowMs: number): void {
    this.route.record(elapsedMs, isCensored, nowMs);
    this.wholeOrigin.record(elapsedMs, isCensored, nowMs);
  }
}
