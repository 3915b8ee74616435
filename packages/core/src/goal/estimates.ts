import { defaultBurst } from '../budget/ratio-bucket.js';
import { forgetOldest } from '../common/lru.js';
import { samplesNeeded } from '../latency/kaplan-meier.js';
import type { Survival } from '../latency/survival-curve.js';
import { damp } from './damping.js';
import type { Goal, GoalEstimate, GoalRule } from './goal.js';
import { solve } from './solver.js';

/** Goals remembered per distribution; callers rarely have more than one. */
const MOST_GOALS = 4;
/** Plans ask for at least, and at most, this share of the budget. */
const LEAST_SHARE = 0.9;
const MOST_SHARE = 0.98;

/**
 * How much of the budget a plan asks for, so that chance alone rarely empties the bucket: all but one token of its burst.
 * A trigger that asks for a share u of what a bucket of C tokens gets is refused `(1 − u) / u / (exp(2C(1 − u) / u) − 1)` of
 * its hedges (a random walk with drift, reflected at the full bucket): 0.16 / C for u = 1 − 1 / C.
 */
export function plannedShare(burst: number): number {
  return Math.min(Math.max(1 - 1 / burst, LEAST_SHARE), MOST_SHARE);
}

interface Pursuit {
  readonly rule: GoalRule;
  estimate: GoalEstimate | undefined;
  /** Whether latency has changed since, so that the next plan need not be near the last. */
  isOutdated: boolean;
}

/** The current plan for every goal that a distribution is asked for. */
export class GoalEstimates {
  private readonly pursuits = new Map<string, Pursuit>();
  private readonly windowMs: number;

  constructor(windowMs: number) {
    this.windowMs = windowMs;
  }

  /** Whether it was asked for before. */
  has({ name }: GoalRule): boolean {
    return this.pursuits.has(name);
  }

  get({ name }: GoalRule): GoalEstimate | undefined {
    return this.pursuits.get(name)?.estimate;
  }

  /** Asks for it from now on. */
  add(rule: GoalRule): void {
    forgetOldest(this.pursuits, MOST_GOALS);
    this.pursuits.set(rule.name, { rule, estimate: undefined, isOutdated: false });
  }

  /** The quantiles to be trusted before a goal is sought. */
  quantiles(): number[] {
    return Array.from(this.pursuits.values(), ({ rule }) => quantileOf(rule));
  }

  /** Latency has changed: plans stay until there are new ones, and those need not be near them. */
  startAfresh(): void {
    for (const pursuit of this.pursuits.values()) pursuit.isOutdated = true;
  }

  /** Solves anew. */
  refresh(latency: Survival, samples: number): void {
    for (const pursuit of this.pursuits.values()) this.pursue(pursuit, latency, samples);
  }

  /** Solves by what was known once, for goals without a plan. */
  recall(latency: Survival, samples: number): void {
    for (const pursuit of this.pursuits.values()) {
      if (pursuit.estimate === undefined) this.pursue(pursuit, latency, samples);
    }
  }

  private pursue(pursuit: Pursuit, latency: Survival, samples: number): void {
    if (samples < samplesNeeded(quantileOf(pursuit.rule))) return;
    const goal = this.goalOf(pursuit.rule, samples);
    const plan = solve(goal, latency);
    if (plan === undefined) return;
    const { hedges, predictedMs } = damp(pursuit.isOutdated ? undefined : pursuit.estimate, plan, goal, latency);
    const delaysMs = hedges.map(({ delayMs }) => delayMs);
    pursuit.estimate = { hedges, predictedMs, delaysMs, identifiedUpToMs: latency.identifiedUpToMs };
    pursuit.isOutdated = false;
  }

  private goalOf(rule: GoalRule, samples: number): Goal {
    const burst = rule.burst ?? defaultBurst(rule.ratio, samples / this.windowMs);
    return { ...rule, budget: rule.ratio * plannedShare(burst) };
  }
}

/** The latest that a single hedge may be, which is the trigger by default. The target itself may be unknown as yet. */
function quantileOf({ ratio }: GoalRule): number {
  return 1 - LEAST_SHARE * ratio;
}
