import type { TriggerRule } from '../harm/worth.js';

/** What goal seeking is to reach, and with what. */
export interface Goal {
  /** The percentile to minimise, a quantile in (0, 1). */
  readonly target: number;
  /** Hedges per call that the plan may ask for. */
  readonly budget: number;
  readonly maxHedges: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** A goal as options state it; how much of the budget a plan may ask for depends on the traffic. */
export interface GoalRule extends Omit<Goal, 'budget'> {
  readonly ratio: number;
  /** Tokens that the budget keeps; `undefined` if that depends on the traffic. */
  readonly burst: number | undefined;
  /** Whether hedges are worth it at all, and when they are due at the latest. */
  readonly trigger: TriggerRule;
  /** Rules of one name are the same. */
  readonly name: string;
}

/** A hedge that is launched with a probability. */
export interface PlannedHedge {
  readonly delayMs: number;
  readonly probability: number;
}

/** How to reach a goal. */
export interface GoalPlan {
  /** One or two, the earlier first. */
  readonly hedges: readonly PlannedHedge[];
  /** The percentile that it should reach, in milliseconds; `undefined` where the target lies beyond what is known. */
  readonly predictedMs: number | undefined;
}

/** What is planned for a route at the moment. */
export interface GoalEstimate extends GoalPlan {
  /** The delays of `hedges`, for calls that launch them all. */
  readonly delaysMs: readonly number[];
  /** Beyond this the route's latency is unknown, in milliseconds. */
  readonly identifiedUpToMs: number;
}
