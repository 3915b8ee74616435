import { resolveBudget, type ResolvedBudget } from '../budget/budget.js';
import type { HedgeRequest } from '../call.js';
import { systemClock, type Clock } from '../common/clock.js';
import { detached } from '../common/detached.js';
import type { LatencySettings } from '../routes/place.js';
import { MOST_KEY_LENGTH } from '../latency/snapshot.js';
import type { HedgerOptions, LatencyOptions } from '../options/hedger-options.js';
import type { Reporter } from '../common/reporter.js';
import { OPTION_NAMES } from '../options/names.js';
import * as check from '../options/validate.js';
import { ranges } from '../options/validate.js';

const DEFAULT_MAX_CONCURRENT_HEDGES = 100;
/** Servers of Node bear 33. */
const DEFAULT_MAX_RESETS_PER_SECOND = 25;
const DEFAULT_PAUSE_ABOVE = 0.8;

/** The options that are a Hedger's own, checked and completed. */
export interface HedgerSettings {
  readonly clock: Clock;
  readonly budget: ResolvedBudget;
  readonly latency: LatencySettings;
  readonly maxConcurrentHedges: number;
  readonly maxResetsPerSecond: number;
}

/** @throws TypeError or RangeError that names the option, what was expected and what came. */
export function resolveSettings(options: HedgerOptions, reporter: Reporter): HedgerSettings {
  check.checkObject('options', options, OPTION_NAMES);
  const latency = resolveLatency(options.latency ?? {}, resolveEfficacy(options.efficacy), reporter);
  return {
    clock: options.clock ?? systemClock,
    latency,
    budget: resolveBudget(options.budget, latency.maxKeys, reporter),
    maxConcurrentHedges: check.checkNumber(
      'maxConcurrentHedges',
      options.maxConcurrentHedges ?? DEFAULT_MAX_CONCURRENT_HEDGES,
      ranges.count,
    ),
    maxResetsPerSecond: check.checkNumber(
      'maxResetsPerSecond',
      options.maxResetsPerSecond ?? DEFAULT_MAX_RESETS_PER_SECOND,
      ranges.aboveZero,
    ),
  };
}

/** @returns the correlation above which hedging pauses; `undefined`: never. */
function resolveEfficacy(option: HedgerOptions['efficacy'] = {}): number | undefined {
  if (option === false) return undefined;
  check.checkObject('efficacy', option, ['pauseAbove']);
  return check.checkNumber('efficacy.pauseAbove', option.pauseAbove ?? DEFAULT_PAUSE_ABOVE, check.ranges.correlation);
}

function resolveLatency(options: LatencyOptions, pauseAbove: number | undefined, reporter: Reporter): LatencySettings {
  check.checkObject('latency', options, ['windowMs', 'subWindows', 'maxKeys', 'key', 'warmup']);
  const { key, warmup } = options;
  if (warmup !== undefined) check.checkObject('latency.warmup', warmup, ['requests', 'delayMs']);
  return {
    pauseAbove,
    windowMs: check.checkNumber('latency.windowMs', options.windowMs ?? 60_000, ranges.positiveMilliseconds),
    subWindows: check.checkNumber('latency.subWindows', options.subWindows ?? 6, ranges.subWindows),
    maxKeys: check.checkNumber('latency.maxKeys', options.maxKeys ?? 1_000, ranges.count),
    key: key && bounded(reporter.guard('latency.key', check.checkFunction('latency.key', key), () => undefined)),
    warmup: warmup && {
      requests: check.checkNumber('latency.warmup.requests', warmup.requests, ranges.count),
      delayMs: check.checkNumber('latency.warmup.delayMs', warmup.delayMs, ranges.milliseconds),
    },
  };
}

/** A key of the user's own may hold what its user's users write. */
function bounded(key: (request: HedgeRequest) => unknown): (request: HedgeRequest) => string | undefined {
  return (request) => {
    const own = key(request);
    return typeof own === 'string' ? detached(own.slice(0, MOST_KEY_LENGTH), request.url) : undefined;
  };
}
