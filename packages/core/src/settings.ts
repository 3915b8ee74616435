import { resolveBudget, type ResolvedBudget } from './budget.js';
import type { HedgeRequest } from './call.js';
import { systemClock, type Clock } from './clock.js';
import { detached } from './detached.js';
import type { LatencySettings } from './latency/memory.js';
import { MOST_KEY_LENGTH } from './latency/snapshot.js';
import type { HedgeOptions, HedgerOptions, LatencyOptions } from './options.js';
import type { Reporter } from './report.js';
import { CALL_OPTION_NAMES } from './resolve.js';
import * as check from './validate.js';

const { ranges } = check;

const DEFAULT_MAX_CONCURRENT_HEDGES = 100;
/** Servers of Node bear 33. */
const DEFAULT_MAX_RESETS_PER_SECOND = 25;
const DEFAULT_PAUSE_ABOVE = 0.8;

const HEDGER_OPTION_NAMES: readonly (keyof HedgerOptions)[] = ['budget', 'maxConcurrentHedges', 'maxResetsPerSecond', 'efficacy', 'latency', 'clock'];
const OPTION_NAMES: readonly (keyof HedgerOptions)[] = [...CALL_OPTION_NAMES, ...HEDGER_OPTION_NAMES];

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

/** What a Hedger's options say of its calls. */
export function pickCallOptions(options: HedgerOptions): HedgeOptions {
  const given = CALL_OPTION_NAMES.filter((name) => options[name] !== undefined).map((name) => [name, options[name]] as const);
  return Object.fromEntries(given);
}

/** @throws TypeError if they are not options of a call, for instance a Hedger's own. */
export function checkCallOptions(options: HedgerOptions): void {
  check.checkObject('hedge', options, OPTION_NAMES);
  const misplaced = HEDGER_OPTION_NAMES.find((name) => options[name] !== undefined);
  if (misplaced === undefined) return;
  throw new TypeError(`hedgerow: option \`${misplaced}\` belongs to a Hedger, not to a call or to a client that shares a Hedger`);
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
