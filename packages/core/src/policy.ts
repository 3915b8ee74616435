/**
 * What plans are made of, for tools that predict what hedging would do. It may change in any release.
 *
 * @module @hedgerow/core/policy
 */
export { kaplanMeier, samplesNeeded } from './latency/kaplan-meier.js';
export type { BucketCounts } from './latency/kaplan-meier.js';
export type { Survival, SurvivalCurve } from './latency/survival-curve.js';
export { DEFAULT_WORTH, Trigger } from './harm/worth.js';
export type { TriggerRule } from './harm/worth.js';
export { solve as solveGoal } from './goal/solver.js';
export { costOf, percentileWith, runningWith } from './goal/outlook.js';
export type { Goal, GoalPlan, PlannedHedge } from './goal/goal.js';
