import { SAFE_METHODS } from './eligibility.js';
import type { ResolvedBudget } from './budget.js';
import type { GoalRule } from './goal/goal.js';
import type { AttemptResult, Delay, DelayFunction, GoalDelay, HedgeOptions, QuantileDelay, SloDelay } from './options.js';
import type { HedgeRequest, RaceUntil } from './call.js';
import type { Reporter } from './report.js';
import { resolveSteering } from './steering/resolve.js';
import type { Steering } from './steering/steering.js';
import * as check from './validate.js';

const { ranges } = check;

/** The default trigger asks for this share of the budget, so that a refusal means trouble and not chance. */
const PLANNED_SHARE_OF_BUDGET = 0.9;

const DEFAULT_DRAIN_MS = 10_000;

type LosersOption = NonNullable<HedgeOptions['losers']>;

/** A delay ready to use: milliseconds, quantiles to look up, a goal to seek, or the user's function. */
export type ResolvedDelay =
  | { readonly kind: 'fixed'; readonly delaysMs: readonly number[] }
  | { readonly kind: 'quantile'; readonly quantiles: readonly number[]; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: 'goal'; readonly rule: GoalRule }
  | { readonly kind: 'function'; readonly decide: DelayFunction };

/** What delays may know of the budget. */
export type PlannedBudget = Pick<ResolvedBudget, 'ratio' | 'burst'>;

/** Options of a call, checked and completed; opaque outside the core. Made by {@link Hedger.resolve}. */
export class ResolvedHedgeOptions {
  /** What they were made of, for overriding. */
  readonly source: HedgeOptions;
  readonly delay: ResolvedDelay;
  readonly maxHedges: number;
  readonly methods: ReadonlySet<string>;
  readonly idempotencyKey: boolean;
  readonly when: ((request: HedgeRequest) => boolean) | undefined;
  readonly maxReplayBytes: number;
  readonly accept: ((result: AttemptResult) => boolean) | undefined;
  readonly hedgeOnFailure: boolean;
  /** Whether losers may finish. */
  readonly drainLosers: boolean;
  /** How long what nobody reads may take to end. */
  readonly drainMs: number;
  readonly timeoutMs: number | undefined;
  readonly probability: number;
  /** `undefined`: the adapter's own. */
  readonly raceUntil: RaceUntil | undefined;
  readonly mode: 'on' | 'shadow' | 'off';
  readonly steering: Steering | undefined;
  /** In lower case. */
  readonly instanceHeader: string | undefined;
  readonly onHedge: HedgeOptions['onHedge'];
  readonly onComplete: HedgeOptions['onComplete'];

  /** @throws TypeError or RangeError naming the option. */
  constructor(source: HedgeOptions, budget: PlannedBudget, reporter: Reporter) {
    this.source = source;
    const listed = resolveDelay(budget, source.delay);
    this.maxHedges = checked(source.maxHedges, listed.length, (value) => check.checkNumber('maxHedges', value, ranges.hedges));
    this.delay = spread(listed.delay, this.maxHedges);
    const methods = checked(source.methods, SAFE_METHODS, (value) => check.checkStrings('methods', value));
    this.methods = new Set(methods.map((method) => method.toUpperCase()));
    this.idempotencyKey = checked(source.idempotencyKey, false, (value) => check.checkBoolean('idempotencyKey', value));
    this.maxReplayBytes = checked(source.maxReplayBytes, 2 ** 20, (value) =>
      check.checkNumber('maxReplayBytes', value, ranges.bytes),
    );
    this.hedgeOnFailure = checked(source.hedgeOnFailure, false, (value) => check.checkBoolean('hedgeOnFailure', value));
    const losers = checked<LosersOption, LosersOption>(source.losers, 'abort', resolveLosers);
    this.drainLosers = losers !== 'abort';
    this.drainMs = typeof losers === 'object' ? losers.drainMs : DEFAULT_DRAIN_MS;
    this.timeoutMs = checked(source.timeoutMs, undefined, (value) =>
      check.checkNumber('timeoutMs', value, ranges.positiveMilliseconds),
    );
    this.probability = checked(source.probability, 1, (value) => check.checkNumber('probability', value, ranges.share));
    this.raceUntil = checked(source.raceUntil, undefined, (value) => check.checkWord<RaceUntil>('raceUntil', value, RACE_WORDS));
    this.mode = checked(source.mode, 'on', (value) => check.checkWord('mode', value, ['on', 'shadow', 'off']));
    this.steering = resolveSteering(source, reporter);
    this.instanceHeader = checked(source.instanceHeader, undefined, (value) => check.checkName('instanceHeader', value))?.toLowerCase();
    this.when = guarded(reporter, 'when', source.when, () => false);
    // An answer that nobody could read lets no copy win; the primary's goes by the usual rule.
    this.accept = guarded(reporter, 'accept', source.accept, ({ acceptable }) => acceptable, ({ acceptable, attempt }) => acceptable && attempt === 0);
    this.onHedge = source.onHedge && reporter.listener('onHedge', check.checkFunction('onHedge', source.onHedge));
    this.onComplete = source.onComplete && reporter.listener('onComplete', check.checkFunction('onComplete', source.onComplete));
  }
}

const RACE_WORDS: readonly RaceUntil[] = ['headers', 'firstChunk', 'body'];

/** The names a call may set; a Hedger takes these and its own. */
export const CALL_OPTION_NAMES: readonly (keyof HedgeOptions)[] = [
  'delay',
  'maxHedges',
  'methods',
  'idempotencyKey',
  'when',
  'maxReplayBytes',
  'accept',
  'hedgeOnFailure',
  'losers',
  'timeoutMs',
  'probability',
  'raceUntil',
  'mode',
  'targets',
  'route',
  'forwardCredentials',
  'stripAffinityCookies',
  'markerHeader',
  'instanceHeader',
  'onHedge',
  'onComplete',
];

function checked<V, D>(value: V | undefined, fallback: D, parse: (value: V) => V): V | D {
  return value === undefined ? fallback : parse(value);
}

function resolveLosers(losers: LosersOption): LosersOption {
  if (typeof losers !== 'object') return check.checkWord<'abort' | 'drain'>('losers', losers, ['abort', 'drain']);
  check.checkObject('losers', losers, ['drainMs']);
  return { drainMs: check.checkNumber('losers.drainMs', losers.drainMs, ranges.positiveMilliseconds) };
}

function guarded<A extends readonly unknown[], R>(
  reporter: Reporter,
  name: string,
  fn: ((...args: A) => R) | undefined,
  fallback: (...args: A) => R,
  late?: (...args: A) => R,
): ((...args: A) => R) | undefined {
  return fn === undefined ? undefined : reporter.guard(name, check.checkFunction(name, fn), fallback, late);
}

interface ListedDelay {
  readonly delay: ResolvedDelay;
  /** How many hedges the user's own words ask for. */
  readonly length: number;
}

function resolveDelay(budget: PlannedBudget, delay: Delay = {}): ListedDelay {
  if (typeof delay === 'function') return { delay: { kind: 'function', decide: delay }, length: 1 };
  if (isObject(delay)) {
    if ('sloMs' in delay) return resolveSlo(delay);
    return 'minimize' in delay ? resolveGoal(delay, budget) : resolveQuantile(delay, 1 - PLANNED_SHARE_OF_BUDGET * budget.ratio);
  }
  const delaysMs = check.checkAscending('delay', delay, ranges.milliseconds);
  return { delay: { kind: 'fixed', delaysMs }, length: delaysMs.length };
}

function isObject(delay: Delay): delay is QuantileDelay | GoalDelay | SloDelay {
  return typeof delay === 'object' && (delay as unknown) !== null && !Array.isArray(delay);
}

function resolveSlo(delay: SloDelay): ListedDelay {
  check.checkObject('delay', delay, ['sloMs', 'at']);
  const sloMs = check.checkNumber('delay.sloMs', delay.sloMs, ranges.positiveMilliseconds);
  const at = check.checkAscending('delay.at', delay.at ?? [0.5], ranges.fraction);
  return { delay: { kind: 'fixed', delaysMs: at.map((fraction) => fraction * sloMs) }, length: at.length };
}

function resolveQuantile(delay: QuantileDelay, defaultQuantile: number): ListedDelay {
  check.checkObject('delay', delay, ['quantile', 'minMs', 'maxMs']);
  const { quantile = defaultQuantile } = delay;
  const quantiles = check.checkAscending('delay.quantile', quantile, ranges.quantile);
  return { delay: { kind: 'quantile', quantiles, ...resolveLimits(delay) }, length: quantiles.length };
}

function resolveGoal(delay: GoalDelay, { ratio, burst }: PlannedBudget): ListedDelay {
  check.checkObject('delay', delay, ['minimize', 'minMs', 'maxMs']);
  const target = check.checkNumber('delay.minimize', delay.minimize, ranges.quantile);
  const rule = { target, ...resolveLimits(delay), ratio, burst, maxHedges: 1 };
  return { delay: { kind: 'goal', rule: named(rule) }, length: 1 };
}

function named(rule: Omit<GoalRule, 'name'>): GoalRule {
  const { target, ratio, burst, maxHedges, minMs, maxMs } = rule;
  return { ...rule, name: [target, ratio, burst, maxHedges, minMs, maxMs].join(' ') };
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
function spread(delay: ResolvedDelay, maxHedges: number): ResolvedDelay {
  if (delay.kind === 'goal') return { ...delay, rule: named({ ...delay.rule, maxHedges }) };
  return delay.kind === 'fixed' ? { ...delay, delaysMs: spreadDelays(delay.delaysMs, maxHedges) } : delay;
}

/** See {@link spread}. */
export function spreadDelays(delaysMs: readonly number[], maxHedges: number): readonly number[] {
  const [only] = delaysMs;
  if (delaysMs.length === 1 && only !== undefined && maxHedges > 1) {
    return Array.from({ length: maxHedges }, (_, index) => only * (index + 1));
  }
  return delaysMs.length > maxHedges ? delaysMs.slice(0, maxHedges) : delaysMs;
}
