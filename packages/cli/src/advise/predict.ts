import { costOf, DEFAULT_WORTH, percentileWith, runningWith, solveGoal, Trigger, type PlannedHedge, type Survival, type SurvivalCurve } from '@hedgerow/core/policy';

/** Extra load that is tried out: hedges per call. */
export const LOADS = [0.01, 0.02, 0.05, 0.1] as const;

/** Probabilities that a copy shares its primary's fate for which p99 is shown. */
export const CORRELATIONS = [0.25, 0.5] as const;

/** The default options: a budget of 10 %, of which the default quantile asks for nine tenths. */
const DEFAULT_RATIO = 0.1;
const PLANNED_SHARE = 0.9;
/** The core never hedges sooner, unless it is told to. */
const LEAST_DELAY_MS = 1;

/** A way to hedge. */
export interface Policy {
  readonly name: string;
  /** What to paste as options; `undefined` for not hedging at all. */
  readonly options: string | undefined;
  readonly hedges: readonly PlannedHedge[];
}

/** What a policy would give. */
export interface Prediction extends Policy {
  /** Hedges per call. */
  readonly extraLoad: number;
  /** In milliseconds, for the quantiles asked for; `undefined` beyond what is known. */
  readonly quantilesMs: readonly (number | undefined)[];
  /** p99 for each of {@link CORRELATIONS}. */
  readonly correlatedMs: readonly (number | undefined)[];
}

/** A quantile of all calls under some hedges; `undefined` beyond what is known of the latencies. */
export function quantileWith(hedges: readonly PlannedHedge[], curve: Survival, quantile: number): number | undefined {
  const latestMs = curve.identifiedUpToMs;
  if (runningWith(hedges, curve, latestMs) > 1 - quantile) return undefined;
  return percentileWith(hedges, curve, quantile, latestMs);
}

/** With a probability ρ a copy shares its primary's fate and cannot win, so that it is as if it had not been sent. */
export function correlated(hedges: readonly PlannedHedge[], correlation: number): PlannedHedge[] {
  return hedges.map(({ delayMs, probability }) => ({ delayMs, probability: probability * (1 - correlation) }));
}

/** What a policy would give on these latencies. */
export function predict(policy: Policy, curve: Survival, quantiles: readonly number[]): Prediction {
  const { hedges } = policy;
  return {
    ...policy,
    extraLoad: costOf(hedges, curve),
    quantilesMs: quantiles.map((quantile) => quantileWith(hedges, curve, quantile)),
    correlatedMs: CORRELATIONS.map((rho) => quantileWith(correlated(hedges, rho), curve, 0.99)),
  };
}

export const NO_HEDGING: Policy = { name: 'no hedging', options: undefined, hedges: [] };

/** What hedgerow does without any options; `undefined` if too little is known for it. */
export function defaultPolicy(curve: SurvivalCurve): Policy | undefined {
  return named('default options', '{}', hedgeWhereWorthIt(curve, PLANNED_SHARE * DEFAULT_RATIO, DEFAULT_WORTH));
}

/** The same, whether hedges are worth it or not. */
export function insistentPolicy(curve: SurvivalCurve): Policy | undefined {
  return named('whatever is late', '{ worth: 0 }', hedgeWhereWorthIt(curve, PLANNED_SHARE * DEFAULT_RATIO, 0));
}

/** The default rule with another budget; its quantile is written out, so that it can be read. */
export function quantilePolicy(curve: SurvivalCurve, load: number): Policy | undefined {
  const options = `{ delay: { quantile: ${round(1 - load)} }, budget: { ratio: ${ratioFor(load)} } }`;
  return named(`quantile ${round(1 - load)}`, options, hedgeWhereWorthIt(curve, load, DEFAULT_WORTH));
}

/** Goal seeking for p99. */
export function goalPolicy(curve: Survival, load: number): Policy | undefined {
  const plan = solveGoal({ target: 0.99, budget: load, maxHedges: 1, minMs: LEAST_DELAY_MS, maxMs: Infinity }, curve);
  if (plan === undefined || plan.hedges.some(({ delayMs }) => delayMs > curve.identifiedUpToMs)) return undefined;
  return named('minimise p99', `{ delay: { minimize: 0.99 }, budget: { ratio: ${ratioFor(load)} } }`, plan.hedges);
}

function named(name: string, options: string, hedges: readonly PlannedHedge[] | undefined): Policy | undefined {
  return hedges && { name, options, hedges };
}

/** No hedges where they are not worth their load; `undefined` if too little is known. */
function hedgeWhereWorthIt(curve: SurvivalCurve, load: number, worth: number): PlannedHedge[] | undefined {
  const quantile = 1 - load;
  const quantileMs = curve.quantile(quantile);
  if (quantileMs === undefined || quantileMs > curve.identifiedUpToMs) return undefined;
  const trigger = new Trigger({ name: '', quantile, minMs: LEAST_DELAY_MS, maxMs: Infinity, worth }, undefined);
  trigger.renew(curve, quantileMs, 0);
  return trigger.isWorthIt && trigger.delayMs !== undefined ? [{ delayMs: trigger.delayMs, probability: 1 }] : [];
}

/** The budget of which nine tenths are this load. */
function ratioFor(load: number): number {
  return Number((load / PLANNED_SHARE).toPrecision(3));
}

function round(quantile: number): number {
  return Number(quantile.toFixed(6));
}
