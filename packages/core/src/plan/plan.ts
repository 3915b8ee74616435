import type { HedgeRequest } from '../call.js';
import type { GoalRule, PlannedHedge } from '../goal/goal.js';
import { Trigger } from '../harm/worth.js';
import type { LatencyView } from '../routes/place.js';
import type { Reporter } from '../common/reporter.js';
import { spreadDelays, type ResolvedDelay } from './delay.js';
import type { ResolvedHedgeOptions } from './resolved-options.js';
import type { DelayFunction, Warmup } from '../options/delays.js';

/** The delays of a call's hedges, in milliseconds from its start, ascending; or why there are none: too little is known, or they would not be worth it. */
export type Plan = readonly number[] | 'warmup' | Trigger;

type QuantileRule = ResolvedDelay & { readonly kind: 'quantile' };

/** Nothing is to be hedged. */
export const NO_HEDGES: readonly number[] = [];

/** What a plan is made of: plain data, and chance. */
export interface PlanInput {
  readonly request: HedgeRequest;
  readonly options: ResolvedHedgeOptions;
  readonly latency: LatencyView;
  readonly warmup: Warmup | undefined;
  readonly random: () => number;
  readonly reporter: Reporter;
}

/** Decides when the hedges of one call are due. */
export function planHedges(input: PlanInput): Plan {
  const { options } = input;
  if (options.probability < 1 && input.random() >= options.probability) return NO_HEDGES;
  switch (options.delay.kind) {
    case 'fixed':
      return options.delay.delaysMs;
    case 'quantile':
      return planQuantiles(input, options.delay);
    case 'goal':
      return planGoal(input, options.delay.rule);
    case 'function':
      return planByFunction(input, options.delay.decide);
  }
}

/** The delays of a plan. */
export function delaysOf(plan: Plan): readonly number[] {
  return plan === 'warmup' || plan instanceof Trigger ? NO_HEDGES : plan;
}

function planQuantiles(input: PlanInput, delay: QuantileRule): Plan {
  const { rules } = delay;
  const [rule] = rules;
  const first = rule !== undefined && isWarm(input) ? input.latency.trigger(rule) : undefined;
  if (first === undefined) return planWarmup(input);
  const { maxHedges } = input.options;
  // Nearly every call has one rule: nothing is made for it.
  if (rules.length === 1) return first.isWorthIt ? spreadDelays(first.delaysMs, maxHedges) : first;
  const delaysMs = worthwhileMs(knownTriggers(delay, input.latency));
  return delaysMs.length > 0 ? spreadDelays(delaysMs, maxHedges) : first;
}

/** The delays of the hedges that are worth it. One that had to wait may come after the next. */
function worthwhileMs(triggers: readonly Trigger[]): number[] {
  return triggers.flatMap(({ isWorthIt, delaysMs }) => (isWorthIt ? delaysMs : [])).sort(ascending);
}

function ascending(a: number, b: number): number {
  return a - b;
}

function isWarm({ warmup, latency }: PlanInput): boolean {
  return warmup === undefined || latency.samples >= warmup.requests;
}

function planWarmup({ warmup, options }: PlanInput): Plan {
  return warmup === undefined ? 'warmup' : spreadDelays([warmup.delayMs], options.maxHedges);
}

/** Each hedge by its own chance. */
function planGoal(input: PlanInput, rule: GoalRule): Plan {
  const estimate = isWarm(input) ? input.latency.goal(rule) : undefined;
  if (estimate === undefined) return planWarmup(input);
  const trigger = input.latency.trigger(rule.trigger);
  if (trigger?.isWorthIt === false) return trigger;
  const { hedges, delaysMs } = estimate;
  const [first, second] = hedges;
  if (second === undefined) return first !== undefined && isDrawn(first, input) ? delaysMs : NO_HEDGES;
  return hedges.filter((hedge) => isDrawn(hedge, input)).map(({ delayMs }) => delayMs);
}

function isDrawn({ probability }: PlannedHedge, { random }: PlanInput): boolean {
  return probability >= 1 || random() < probability;
}

/** The delay of the first hedge as it is now, if it is learnt; `'no_gain'` where none would be worth it. */
export function learntDelayMs(delay: ResolvedDelay, latency: LatencyView): number | 'no_gain' | undefined {
  if (delay.kind === 'goal') return latency.trigger(delay.rule.trigger)?.isWorthIt === false ? 'no_gain' : latency.goal(delay.rule)?.delaysMs[0];
  if (delay.kind !== 'quantile') return undefined;
  const triggers = knownTriggers(delay, latency);
  return triggers.length === 0 ? undefined : (worthwhileMs(triggers)[0] ?? 'no_gain');
}

/** The triggers that are known, up to the first that is not. */
function knownTriggers({ rules }: QuantileRule, latency: LatencyView): Trigger[] {
  const triggers: Trigger[] = [];
  for (const rule of rules) {
    const trigger = latency.trigger(rule);
    if (trigger === undefined) break;
    triggers.push(trigger);
  }
  return triggers;
}

function planByFunction(input: PlanInput, decide: DelayFunction): Plan {
  const { latency, request, options, reporter } = input;
  try {
    const answer = reporter.ask('option `delay`', () => decide({ request, key: latency.key, quantile: (quantile) => latency.quantile(quantile) }));
    if (answer === undefined) return NO_HEDGES;
    const delaysMs = typeof answer === 'number' ? [answer] : [...answer].sort(ascending);
    if (delaysMs.every((delayMs) => Number.isFinite(delayMs) && delayMs >= 0)) return spreadDelays(delaysMs, options.maxHedges);
    reporter.warn('option `delay` returned an unusable value', `expected milliseconds ≥ 0, got [${delaysMs.join(', ')}]`);
  } catch (error) {
    reporter.warn('option `delay` returned an unusable value', error);
  }
  return NO_HEDGES;
}
