import type { Reporter } from '../common/reporter.js';
import type { Budget, HedgerOptions, RateBudget, RatioBudget } from '../options/hedger-options.js';
import * as check from '../options/validate.js';
import type { Allowance } from './allowance.js';
import { NestedRatioBudget } from './nested-budget.js';
import { PlainBudget } from './plain-budget.js';
import { FixedRateBudget } from './rate-budget.js';

/** Hedges per call over the long run, unless the user says otherwise. */
const DEFAULT_RATIO = 0.1;

/** A budget and the share of calls that it pays for. */
export interface ResolvedBudget {
  /** `undefined`: no limit. */
  readonly allowance: Allowance | undefined;
  /** Hedges per call it can sustain. */
  readonly ratio: number;
  /** Tokens kept; `undefined` if that depends on the traffic, or is not known. */
  readonly burst?: number | undefined;
}

/** @throws TypeError or RangeError naming the option. */
export function resolveBudget(option: HedgerOptions['budget'], maxOrigins: number, reporter: Reporter): ResolvedBudget {
  if (option === false) return { allowance: undefined, ratio: DEFAULT_RATIO };
  if (isOwnBudget(option)) {
    check.checkFunction('budget.deposit', option.deposit);
    check.checkFunction('budget.tryTake', option.tryTake);
    return { allowance: new PlainBudget(option, reporter), ratio: DEFAULT_RATIO };
  }
  if (isRateBudget(option)) return rateBudget(option);
  if (option !== undefined) check.checkObject('budget', option, ['ratio', 'burst', 'brake']);
  const ratio = check.checkNumber('budget.ratio', option?.ratio ?? DEFAULT_RATIO, check.ranges.share);
  const burst = option?.burst === undefined ? undefined : check.checkNumber('budget.burst', option.burst, check.ranges.atLeastOne);
  const hasBrake = check.checkBoolean('budget.brake', option?.brake ?? true);
  return { allowance: new NestedRatioBudget(ratio, burst, hasBrake, maxOrigins), ratio, burst };
}

function rateBudget(option: RateBudget): ResolvedBudget {
  check.checkObject('budget', option, ['requestsPerSecond', 'ratio', 'burstSeconds']);
  const requestsPerSecond = check.checkNumber('budget.requestsPerSecond', option.requestsPerSecond, check.ranges.positive);
  const ratio = check.checkNumber('budget.ratio', option.ratio, check.ranges.share);
  const burstSeconds = check.checkNumber('budget.burstSeconds', option.burstSeconds ?? 2, check.ranges.positive);
  return { allowance: new FixedRateBudget(requestsPerSecond * ratio, burstSeconds), ratio, burst: requestsPerSecond * ratio * burstSeconds };
}

function isOwnBudget(option: HedgerOptions['budget']): option is Budget {
  return isObject(option) && 'tryTake' in option;
}

function isRateBudget(option: RatioBudget | RateBudget | undefined): option is RateBudget {
  return isObject(option) && 'requestsPerSecond' in option;
}

function isObject(option: unknown): option is object {
  return typeof option === 'object' && option !== null;
}
