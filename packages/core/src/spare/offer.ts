import type { SurvivalCurve } from '../latency/survival-curve.js';

/** Requests of a route that may be hedged as well: those that are late a little sooner. */
export interface Step {
  /** How many more of its calls, as a share. */
  readonly hedges: number;
  /** What one such hedge is expected to save, in milliseconds. */
  readonly savedMs: number;
}

/** What a route does with its part of the budget, and what it could do with more. */
export interface Offer {
  /** Mean time of a request, which is what a copy has a server work if nothing stops it. */
  readonly meanMs: number;
  /** Hedges per call as planned. */
  readonly hedges: number;
  /** From there on, sooner and sooner: each hedge saves less than those before it. */
  readonly steps: readonly Step[];
}

/** What an offer keeps to. */
export interface OfferLimits {
  readonly minMs: number;
  /** What a copy has to save: this share of what late requests have left, and each one more this share of its own work; 0 to 1. */
  readonly worth: number;
}

/** Each step hedges this many times the requests of the one before, … */
const STEP = 1.25;
/** … so many times at most: from 9 % of the calls to 43 %. */
const MOST_STEPS = 7;
/** Saving must be above `worth` by so many standard errors. */
const STANDARD_ERRORS = 2;

/** What a route has that sends no hedges, because they are not worth it. */
export function nothingPlanned(curve: SurvivalCurve): Offer {
  return { meanMs: curve.lateTime().meanMs, hedges: 0, steps: [] };
}

/**
 * @param delayMs - when hedges are planned.
 * @param most - how many more hedges per call there are to be had, with a mean time of a request.
 */
export function offerOf(curve: SurvivalCurve, delayMs: number, limits: OfferLimits, most: (meanMs: number) => number): Offer {
  const late = curve.lateTime();
  const { meanMs } = late;
  const hedges = curve.runningAt(delayMs);
  const toHedges = hedges + most(meanMs);
  return { meanMs, hedges, steps: toHedges > hedges ? worthwhileSteps(curve, delayMs, toHedges, limits) : [] };
}

function worthwhileSteps(curve: SurvivalCurve, delayMs: number, toHedges: number, { minMs, worth }: OfferLimits): Step[] {
  const late = curve.lateTime();
  const leastMs = worth * late.meanMs;
  const steps: Step[] = [];
  let running = curve.runningAt(delayMs);
  let saved = late.savedAt(delayMs).savedMs;
  for (let step = 0; step < MOST_STEPS && running < toHedges; step++) {
    const more = running * STEP;
    const soonerMs = curve.quantile(1 - more);
    if (soonerMs === undefined || soonerMs < minMs) break;
    const saving = late.savedAt(soonerMs);
    if (saving.share - STANDARD_ERRORS * saving.error < worth) break;
    const savedMs = (saving.savedMs - saved) / (more - running);
    if (savedMs < leastMs) break;
    addDescending(steps, { hedges: more - running, savedMs });
    running = more;
    saved = saving.savedMs;
  }
  return steps;
}

/** What saves more than the step before it is only to be had together with that: one step of both. */
function addDescending(steps: Step[], next: Step): void {
  let last = next;
  for (let before = steps.at(-1); before !== undefined && before.savedMs <= last.savedMs; before = steps.at(-1)) {
    steps.pop();
    const hedges = before.hedges + last.hedges;
    last = { hedges, savedMs: (before.hedges * before.savedMs + last.hedges * last.savedMs) / hedges };
  }
  steps.push(last);
}
