import type { Survival } from '../latency/survival-curve.js';
import type { Goal, GoalPlan, PlannedHedge } from './goal.js';
import { percentileWith, runningWith } from './outlook.js';
import { affordable } from './solver.js';

/** How far a plan goes towards the newest solution at each renewal. */
const STEP = 0.25;

/**
 * Goes from the previous plan towards the new one, because the best delay jumps about where the percentile hardly depends on it.
 * Probabilities follow from the budget, so a plan in between costs no more.
 */
export function damp(previous: GoalPlan | undefined, next: GoalPlan, goal: Goal, latency: Survival): GoalPlan {
  if (next.predictedMs === undefined || previous?.hedges.length !== next.hedges.length) return next;
  const hedges: PlannedHedge[] = [];
  for (const [index, { delayMs, probability }] of next.hedges.entries()) {
    const before = previous.hedges[index] ?? { delayMs, probability };
    const most = affordable(goal, latency, hedges, between(before.delayMs, delayMs));
    const isLast = index === next.hedges.length - 1;
    hedges.push(isLast ? most : { ...most, probability: Math.min(most.probability, between(before.probability, probability)) });
  }
  const { identifiedUpToMs } = latency;
  const isIdentified = runningWith(hedges, latency, identifiedUpToMs) <= 1 - goal.target;
  return { hedges, predictedMs: isIdentified ? percentileWith(hedges, latency, goal.target, identifiedUpToMs) : undefined };
}

function between(from: number, to: number): number {
  return from + STEP * (to - from);
}
