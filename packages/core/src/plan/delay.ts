import type { ResolvedBudget } from '../budget/budget.js';
import type { GoalRule } from '../goal/goal.js';
import type { TriggerRule } from '../harm/worth.js';
import type { Delay, DelayFunction, GoalDelay, QuantileDelay, SloDelay } from '../options/delays.js';
import * as check from '../options/validate.js';
import { ranges } from '../options/validate.js';

/** The default trigger asks for this share of the budget, so that a refusal means trouble and not chance. */
const PLANNED_SHARE_OF_BUDGET = 0.9;

/** A delay ready to use: milliseconds, quantiles to look up, a goal to seek, or the user's function. */
export type ResolvedDelay =
  | { readonly kind: 'fixed'; readonly delaysMs: readonly number[] }
  | { readonly kind: 'quantile'; readonly rules: readonly TriggerRule[] }
  | { readonly kind: 'goal'; readonly rule: GoalRule }
  | { readonly kind: 'function'; readonly decide: DelayFunction };

/** What delays may know of the budget. */
export type PlannedBudget = Pick<ResolvedBudget, 'ratio' | 'burst'>;

/** No hedge may be due sooner than this, in milliseconds; where delays are not learnt, which are kept to as they are, for ever. */
export function leastMs(delay: ResolvedDelay): number {
  if (delay.kind === 'goal') return delay.rule.minMs;
  return delay.kind === 'quantile' ? (delay.rules[0]?.minMs ?? Infinity) : Infinity;
}

/** What the user asks for. */
interface ListedDelay {
  readonly delay: ResolvedDelay;
  /** How many hedges the user's own words ask for. */
  readonly length: number;
}

export function resolveDelay(budget: PlannedBudget, worth: number, delay: Delay = {}): ListedDelay {
  if (typeof delay === 'function') return { delay: { kind: 'function', decide: delay }, length: 1 };
  if (isObject(delay)) {
    if (isSlo(delay)) return resolveSlo(delay);
    return isGoal(delay) ? resolveGoal(delay, budget, worth) : resolveQuantile(delay, defaultQuantile(budget), worth);
  }
  const delaysMs = check.checkAscending('delay', delay, ranges.milliseconds);
  return { delay: { kind: 'fixed', delaysMs }, length: delaysMs.length };
}

function defaultQuantile({ ratio }: PlannedBudget): number {
  return 1 - PLANNED_SHARE_OF_BUDGET * ratio;
}

function isObject(delay: Delay): delay is QuantileDelay | GoalDelay | SloDelay {
  return typeof delay === 'object' && (delay as unknown) !== null && !Array.isArray(delay);
}

function isSlo(delay: QuantileDelay | GoalDelay | SloDelay): delay is SloDelay {
  return 'sloMs' in delay;
}

function isGoal(delay: QuantileDelay | GoalDelay): delay is GoalDelay {
  return 'minimize' in delay;
}

function resolveSlo(delay: SloDelay): ListedDelay {
  check.checkObject('delay', delay, ['sloMs', 'at']);
  const sloMs = check.checkNumber('delay.sloMs', delay.sloMs, ranges.positiveMilliseconds);
  const at = check.checkAscending('delay.at', delay.at ?? [0.5], ranges.fraction);
  return { delay: { kind: 'fixed', delaysMs: at.map((fraction) => fraction * sloMs) }, length: at.length };
}

function resolveQuantile(delay: QuantileDelay, byDefault: number, worth: number): ListedDelay {
  check.checkObject('delay', delay, ['quantile', 'minMs', 'maxMs']);
  const { quantile = byDefault } = delay;
  const quantiles = check.checkAscending('delay.quantile', quantile, ranges.quantile);
  const { minMs, maxMs } = resolveLimits(delay);
  const isOpen = delay.quantile === undefined;
  const rules = quantiles.map((each) => triggerRule({ quantile: each, minMs, maxMs, worth, isOpen }));
  return { delay: { kind: 'quantile', rules }, length: rules.length };
}

function triggerRule(rule: Omit<TriggerRule, 'name'>): TriggerRule {
  const { quantile, minMs, maxMs, worth, isOpen } = rule;
  return { ...rule, name: [quantile, minMs, maxMs, worth, isOpen].join(' ') };
}

function resolveGoal(delay: GoalDelay, budget: PlannedBudget, worth: number): ListedDelay {
  check.checkObject('delay', delay, ['minimize', 'minMs', 'maxMs']);
  const target = check.checkNumber('delay.minimize', delay.minimize, ranges.quantile);
  const limits = resolveLimits(delay);
  const trigger = triggerRule({ quantile: defaultQuantile(budget), ...limits, worth, isOpen: false });
  const rule = { target, ...limits, ratio: budget.ratio, burst: budget.burst, maxHedges: 1, trigger };
  return { delay: { kind: 'goal', rule: named(rule) }, length: 1 };
}

function named(rule: Omit<GoalRule, 'name'>): GoalRule {
  const { target, ratio, burst, maxHedges, trigger } = rule;
  return { ...rule, name: [target, ratio, burst, maxHedges, trigger.name].join(' ') };
}

function resolveLimits({ minMs: least = 1, maxMs: most }: QuantileDelay | GoalDelay): { readonly minMs: number; readonly maxMs: number } {
  const minMs = check.checkNumber('delay.minMs', least, ranges.milliseconds);
  if (most === undefined) return { minMs, maxMs: Infinity };
  const maxMs = check.checkNumber('delay.maxMs', most, {
    expected: `a finite number of milliseconds, at least \`delay.minMs\` (${minMs})`,
    test: (value) => value >= minMs && Number.isFinite(value),
  });
  return { minMs, maxMs };
}

/** One fixed delay d for n hedges stands for d, 2d, … nd; a list is cut to n. A goal plans for n itself. */
export function spread(delay: ResolvedDelay, maxHedges: number): ResolvedDelay {
  if (delay.kind === 'goal') return { ...delay, rule: named({ ...delay.rule, maxHedges }) };
  if (delay.kind === 'quantile') return maxHedges === 1 ? delay : { ...delay, rules: delay.rules.map(closed) };
  return delay.kind === 'fixed' ? { ...delay, delaysMs: spreadDelays(delay.delaysMs, maxHedges) } : delay;
}

/** What several hedges of a call cost is not planned for, and is not to grow. */
function closed(rule: TriggerRule): TriggerRule {
  return triggerRule({ ...rule, isOpen: false });
}

/** See {@link spread}. */
export function spreadDelays(delaysMs: readonly number[], maxHedges: number): readonly number[] {
  const [only] = delaysMs;
  if (delaysMs.length === 1 && only !== undefined && maxHedges > 1) {
    return Array.from({ length: maxHedges }, (_, index) => only * (index + 1));
  }
  return delaysMs.length > maxHedges ? delaysMs.slice(0, maxHedges) : delaysMs;
}
