import type { Survival } from '../latency/survival-curve.js';
import type { Goal, GoalPlan, PlannedHedge } from './goal.js';
import { costOf, percentileWith, PRECISION, runningWith } from './outlook.js';

/** From this target on a second hedge is the cheapest lever. */
const TWO_HEDGES_FROM = 0.999;
const ONE_HEDGE_STEPS = 100;
const COARSE_STEPS = 24;
const FINE_STEPS = 6;
const FINE_ROUNDS = 2;
/**
 * A plan must be this much faster than one that was considered before it. Later hedges are considered first, so where the
 * percentile hardly differs the hedge stays late and sure, which keeps the percentiles above the target low.
 */
const WORTHWHILE = 0.005;
/** 1 − 0.9 is a little less than 0.1. */
const ROUNDING = 1e-9;

/**
 * The hedges that minimise a percentile within a budget (SingleR of Kaler, He & Elnikety, SPAA 2017; several hedges as in
 * MultipleR). One hedge: the smallest t at which max over d of `F(t) + q · S(t) · F(t − d)` reaches the target, with
 * `q = min(1, B / S(d))` and `d ≤ Q(1 − B)`. If the target lies beyond what is known: `d = Q(1 − B)`, `q = 1`.
 *
 * @returns `undefined` if not even Q(1 − B) is known.
 */
export function solve(goal: Goal, latency: Survival): GoalPlan | undefined {
  const quantileMs = latency.quantile(1 - goal.budget);
  if (quantileMs === undefined) return undefined;
  const latestMs = Math.min(Math.max(quantileMs, goal.minMs), goal.maxMs);
  const search = new Search(goal, latency, [affordable(goal, latency, [], latestMs)]);
  search.consider([], descending(goal.minMs, latestMs, ONE_HEDGE_STEPS), WORTHWHILE);
  if (goal.target >= TWO_HEDGES_FROM && goal.maxHedges >= 2) considerPairs(search);
  return search.best;
}

/** The hedge at a time that spends what earlier ones leave of the budget. */
export function affordable(goal: Goal, latency: Survival, earlier: readonly PlannedHedge[], delayMs: number): PlannedHedge {
  return spending(goal.budget - costOf(earlier, latency), latency, earlier, delayMs);
}

function spending(left: number, latency: Survival, earlier: readonly PlannedHedge[], delayMs: number): PlannedHedge {
  const due = runningWith(earlier, latency, delayMs);
  const probability = due > 0 ? Math.min(1, Math.max(0, left) / due) : 1;
  return { delayMs, probability: probability > 1 - ROUNDING ? 1 : probability };
}

/** Remembers the fastest plan of those considered. */
class Search {
  readonly goal: Goal;
  readonly latency: Survival;
  best: GoalPlan;
  /** A plan has to reach the target before this. */
  boundMs: number;

  constructor(goal: Goal, latency: Survival, fallback: readonly PlannedHedge[]) {
    this.goal = goal;
    this.latency = latency;
    this.best = { hedges: fallback, predictedMs: undefined };
    this.boundMs = latency.identifiedUpToMs;
    this.take(fallback, this.boundMs);
  }

  /** Each of these times for the last hedge, which gets what `earlier` leaves; `worthwhile` is the gain that a plan has to bring. */
  consider(earlier: readonly PlannedHedge[], delaysMs: readonly number[], worthwhile: number): void {
    const left = this.goal.budget - costOf(earlier, this.latency);
    const soonestMs = earlier.at(-1)?.delayMs ?? 0;
    for (const delayMs of delaysMs) {
      if (delayMs < soonestMs) continue;
      this.take([...earlier, spending(left, this.latency, earlier, delayMs)], this.boundMs * (1 - worthwhile));
    }
  }

  private take(hedges: readonly PlannedHedge[], beforeMs: number): void {
    const { target } = this.goal;
    if (runningWith(hedges, this.latency, beforeMs) > 1 - target) return;
    const predictedMs = percentileWith(hedges, this.latency, target, beforeMs);
    this.best = { hedges, predictedMs };
    this.boundMs = predictedMs;
  }
}

/** Two hedges: over the whole range in coarse steps, then around the best in finer ones. */
function considerPairs(search: Search): void {
  const { minMs, maxMs } = search.goal;
  const endMs = Math.min(search.boundMs, maxMs);
  const all = descending(minMs, endMs, COARSE_STEPS);
  for (const firstMs of all) considerFirst(search, firstMs, all, spaced(0, 1, COARSE_STEPS / 4));

  let factor = (all[0] ?? 1) / (all[1] ?? 1);
  let reach = 4 / COARSE_STEPS;
  for (let round = 0; round < FINE_ROUNDS; round++) {
    const [first, second] = search.best.hedges;
    if (first === undefined || second === undefined) return;
    const around = (delayMs: number): number[] =>
      descending(Math.max(minMs, delayMs / factor), Math.min(endMs, delayMs * factor), FINE_STEPS);
    const probabilities = spaced(first.probability - reach, first.probability + reach, FINE_STEPS);
    for (const firstMs of around(first.delayMs)) considerFirst(search, firstMs, around(second.delayMs), probabilities);
    factor **= 2 / FINE_STEPS;
    reach *= 2 / FINE_STEPS;
  }
}

function considerFirst(search: Search, firstMs: number, secondMs: readonly number[], probabilities: readonly number[]): void {
  const most = affordable(search.goal, search.latency, [], firstMs).probability;
  for (const probability of probabilities) {
    if (probability <= 0 || probability > most) continue;
    search.consider([{ delayMs: firstMs, probability }], secondMs, PRECISION);
  }
}

/** Numbers above `from`, up to `to`. */
function spaced(from: number, to: number, steps: number): number[] {
  return Array.from({ length: steps }, (_, index) => from + ((to - from) * (index + 1)) / steps);
}

/** Times from `toMs` down to `fromMs`, each a constant factor below the one before. */
function descending(fromMs: number, toMs: number, steps: number): number[] {
  if (fromMs >= toMs) return [toMs];
  const lowestMs = Math.max(fromMs, toMs / MOST_RATIO);
  const factor = (lowestMs / toMs) ** (1 / steps);
  const times = Array.from({ length: steps + 1 }, (_, index) => Math.max(lowestMs, toMs * factor ** index));
  return lowestMs > fromMs ? [...times, fromMs] : times;
}

/** Steps go no deeper than this below the latest time; what is left is one step more, `minMs` itself. */
const MOST_RATIO = 1_000;
