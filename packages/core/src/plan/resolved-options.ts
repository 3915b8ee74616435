import type { HedgeRequest, RaceUntil } from '../call.js';
import type { Reporter } from '../common/reporter.js';
import { DEFAULT_WORTH } from '../harm/worth.js';
import type { AttemptResult, ChunkPredicate, HedgeOptions } from '../options/options.js';
import * as check from '../options/validate.js';
import { ranges } from '../options/validate.js';
import { resolveSteering } from '../steering/resolve.js';
import type { Steering } from '../steering/steering.js';
import { describing } from './description.js';
import { resolveDelay, spread, type PlannedBudget, type ResolvedDelay } from './delay.js';

/** Safe methods (RFC 9110, section 9.2.1, and QUERY): a copy of such a request changes nothing. */
const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY'];

const DEFAULT_DRAIN_MS = 10_000;

type LosersOption = NonNullable<HedgeOptions['losers']>;

/** Options laid over others. */
interface Override {
  readonly base: ResolvedHedgeOptions;
  readonly own: HedgeOptions;
}

/** Options of a call, checked and completed; opaque outside the core. Made by {@link Hedger.resolve}. */
export class ResolvedHedgeOptions {
  /** What they were made of, for overriding. */
  readonly source: HedgeOptions;
  /** What they override, and with what; `undefined`: they are a Hedger's own. */
  readonly override: Override | undefined;
  /** The Hedger's own options that they come from, in force until those change. */
  readonly root: ResolvedHedgeOptions;
  /** What they have become since, if somebody has asked. */
  heir: ResolvedHedgeOptions | undefined = undefined;
  readonly delay: ResolvedDelay;
  readonly maxHedges: number;
  readonly methods: ReadonlySet<string>;
  readonly idempotencyKey: boolean;
  readonly describe: ((request: HedgeRequest) => HedgeRequest | 'describe') | undefined;
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
  /** Which chunk ends the race of an attempt, if {@link raceUntil} is `'until'`. */
  readonly until: ChunkPredicate | undefined;
  readonly mode: 'on' | 'shadow' | 'off';
  readonly steering: Steering | undefined;
  /** Whether every attempt says to servers what it is. */
  readonly isMarking: boolean;
  /** In lower case. */
  readonly instanceHeader: string | undefined;
  readonly onHedge: HedgeOptions['onHedge'];
  readonly onComplete: HedgeOptions['onComplete'];

  /** @throws TypeError or RangeError naming the option. */
  constructor(source: HedgeOptions, budget: PlannedBudget, reporter: Reporter, override?: Override) {
    this.source = source;
    this.override = override;
    this.root = override?.base.root ?? this;
    const worth = checked(source.worth, DEFAULT_WORTH, (value) => check.checkNumber('worth', value, ranges.fraction));
    const listed = resolveDelay(budget, worth, source.delay);
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
    this.raceUntil = source.raceUntil === undefined ? undefined : resolveRace(source.raceUntil);
    this.until = typeof source.raceUntil === 'object' ? guarded(reporter, 'raceUntil.until', source.raceUntil.until, () => true) : undefined;
    this.mode = checked(source.mode, 'on', (value) => check.checkWord('mode', value, ['on', 'shadow', 'off']));
    this.steering = resolveSteering(source, reporter);
    this.isMarking = source.markHedges === true;
    this.instanceHeader = checked(source.instanceHeader, undefined, (value) => check.checkName('instanceHeader', value))?.toLowerCase();
    this.describe = source.describe && describing(reporter, check.checkFunction('describe', source.describe));
    this.when = guarded(reporter, 'when', source.when, () => false);
    // An answer that nobody could read lets no copy win; the primary's goes by the usual rule.
    this.accept = guarded(reporter, 'accept', source.accept, ({ acceptable }) => acceptable, ({ acceptable, attempt }) => acceptable && attempt === 0);
    this.onHedge = source.onHedge && reporter.listener('onHedge', check.checkFunction('onHedge', source.onHedge));
    this.onComplete = source.onComplete && reporter.listener('onComplete', check.checkFunction('onComplete', source.onComplete));
  }
}

const RACE_WORDS = ['headers', 'firstChunk', 'body'] as const;

function resolveRace(race: NonNullable<HedgeOptions['raceUntil']>): RaceUntil {
  if (typeof race !== 'object') return check.checkWord<(typeof RACE_WORDS)[number]>('raceUntil', race, RACE_WORDS);
  check.checkObject('raceUntil', race, ['until']);
  check.checkFunction('raceUntil.until', race.until);
  return 'until';
}

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

/** Options in any form: as the user wrote them, `false` for none, or resolved once. */
export type CallOptions = HedgeOptions | false | ResolvedHedgeOptions | undefined;
