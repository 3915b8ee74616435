import { OutageBrake } from './harm/brake.js';
import type { SuppressionReason } from './info.js';
import { LruMap } from './lru.js';
import type { Budget, BudgetUsage, HedgerOptions, RateBudget, RatioBudget } from './options.js';
import type { Reporter } from './report.js';
import { RecentCount } from './traffic.js';
import * as check from './validate.js';

/** Hedges per call over the long run, unless the user says otherwise. */
const DEFAULT_RATIO = 0.1;
/** The default burst is this much of the current traffic's allowance, in ten slots … */
const BURST_WINDOW_MS = 10_000;
/** … and never less than this many tokens. */
const LEAST_BURST = 10;
/** A new bucket may hedge at once, but not much; one that may have been there before, not at all. */
const FIRST_TOKENS = 3;
/** Ten deposits of 0.1 add up to a little less than one. */
const ROUNDING = 1e-9;

/** Tokens that a bucket keeps unless the user says otherwise. */
export function defaultBurst(ratio: number, callsPerMs: number): number {
  return Math.max(LEAST_BURST, ratio * callsPerMs * BURST_WINDOW_MS);
}

/**
 * A bucket filled by calls, not by time: +ratio per call, −1 per hedge, at most `burst` kept. Any window of N calls sends at
 * most burst + ratio · N hedges, at any traffic. (Compare Finagle's retry budget and gRPC's retry throttling.)
 */
class RatioBucket {
  private readonly ratio: number;
  private readonly fixedBurst: number | undefined;
  private readonly traffic = new RecentCount(BURST_WINDOW_MS, 10);
  /** Share of the ratio in force. */
  private factor = 1;
  private tokens: number;
  /** Deposits not counted yet: nothing needs to know before somebody wants a token. */
  private deposits = 0;
  private limit: number;

  constructor(ratio: number, burst: number | undefined, isNew: boolean) {
    this.ratio = ratio;
    this.fixedBurst = burst;
    this.limit = burst ?? LEAST_BURST;
    this.tokens = isNew ? Math.min(FIRST_TOKENS, this.limit) : 0;
  }

  usage(nowMs: number): BudgetUsage {
    this.settle(nowMs);
    return { used: Math.max(0, this.limit - this.tokens), limit: this.limit };
  }

  hasToken(nowMs: number): boolean {
    this.settle(nowMs);
    return this.tokens >= 1 - ROUNDING;
  }

  /** Calls since somebody wanted a token. */
  get newCalls(): number {
    return this.deposits;
  }

  /** Lets only a share of the ratio flow, and keeps less: what was saved in calm times would be spent at once in bad ones. */
  ease(factor: number, nowMs: number): void {
    this.factor = factor;
    this.settle(nowMs);
  }

  get isEased(): boolean {
    return this.factor < 1;
  }

  deposit(nowMs: number): void {
    this.deposits++;
    this.traffic.add(nowMs);
  }

  take(): void {
    this.tokens -= 1;
  }

  private settle(nowMs: number): void {
    const burst = this.fixedBurst ?? defaultBurst(this.ratio, this.traffic.total(nowMs) / BURST_WINDOW_MS);
    this.limit = this.factor === 1 ? burst : Math.max(Math.min(burst, LEAST_BURST), burst * this.factor ** 4);
    this.tokens = Math.min(this.limit, this.tokens + this.factor * this.ratio * this.deposits);
    this.deposits = 0;
  }
}

/** What an origin may spend. */
interface OriginBudget {
  readonly bucket: RatioBucket;
  readonly brake: OutageBrake;
}

/** A budget as the scheduler asks it. */
export interface Allowance {
  deposit(origin: string, nowMs: number): void;
  /** A hedge is due, whether or not it may be sent. `easing` is the share of the budget that the origin bears. */
  onDue(origin: string, nowMs: number, easing: number): void;
  /** Takes a token, or says why not. */
  refusal(origin: string, nowMs: number): Extract<SuppressionReason, 'budget_exhausted' | 'overload'> | undefined;
  /** Whether the origin seems to be out. */
  isBraked(origin: string): boolean;
  usage(nowMs: number): BudgetUsage | undefined;
}

/** One ratio bucket per origin, inside one for all: a hedge needs a token of both. */
class NestedRatioBudget implements Allowance {
  private readonly overall: RatioBucket;
  private readonly origins: LruMap<OriginBudget>;
  private readonly make: (origin: string, isFull: boolean) => OriginBudget;
  private readonly hasBrake: boolean;

  constructor(ratio: number, burst: number | undefined, hasBrake: boolean, maxOrigins: number) {
    // Whoever chooses URLs can have an origin forgotten between two of its calls: it must not get its first tokens each time.
    this.make = (_origin, isFull) => ({ bucket: new RatioBucket(ratio, burst, !isFull), brake: new OutageBrake() });
    this.overall = new RatioBucket(ratio, burst, true);
    this.origins = new LruMap(maxOrigins);
    this.hasBrake = hasBrake;
  }

  deposit(origin: string, nowMs: number): void {
    this.overall.deposit(nowMs);
    this.origins.get(origin, this.make).bucket.deposit(nowMs);
  }

  onDue(origin: string, nowMs: number, easing: number): void {
    if (!this.hasBrake) return;
    const { bucket, brake } = this.origins.get(origin, this.make);
    brake.onDue(bucket.newCalls, nowMs);
    bucket.ease(Math.min(brake.factor, easing), nowMs);
  }

  refusal(origin: string, nowMs: number): ReturnType<Allowance['refusal']> {
    const { bucket } = this.origins.get(origin, this.make);
    if (!bucket.hasToken(nowMs)) return bucket.isEased ? 'overload' : 'budget_exhausted';
    if (!this.overall.hasToken(nowMs)) return 'budget_exhausted';
    bucket.take();
    this.overall.take();
    return undefined;
  }

  isBraked(origin: string): boolean {
    return (this.origins.peek(origin)?.brake.factor ?? 1) < 1;
  }

  usage(nowMs: number): BudgetUsage {
    return this.overall.usage(nowMs);
  }
}

/** A bucket filled by time, as other libraries have it; starts full. */
class FixedRateBudget implements Budget {
  private readonly tokensPerMs: number;
  private readonly limit: number;
  private tokens: number;
  private filledAtMs: number | undefined;

  constructor(tokensPerSecond: number, burstSeconds: number) {
    this.tokensPerMs = tokensPerSecond / 1_000;
    this.limit = Math.max(1, tokensPerSecond * burstSeconds);
    this.tokens = this.limit;
  }

  deposit(): void {
    // Time fills this bucket, calls do not.
  }

  tryTake(_origin: string, nowMs: number): boolean {
    const elapsedMs = nowMs - (this.filledAtMs ?? nowMs);
    this.filledAtMs = nowMs;
    this.tokens = Math.min(this.limit, this.tokens + elapsedMs * this.tokensPerMs);
    if (this.tokens < 1 - ROUNDING) return false;
    this.tokens -= 1;
    return true;
  }

  usage(): BudgetUsage {
    return { used: this.limit - this.tokens, limit: this.limit };
  }
}

/** A budget that knows no origin in trouble: the user's own, or one filled by time. What is no clear yes is a no. */
class PlainBudget implements Allowance {
  private readonly budget: Budget;
  private readonly reporter: Reporter;

  constructor(budget: Budget, reporter: Reporter) {
    this.budget = budget;
    this.reporter = reporter;
  }

  deposit(origin: string, nowMs: number): void {
    this.reporter.tell('option `budget.deposit`', () => this.budget.deposit(origin, nowMs));
  }

  onDue(): void {
    // It gives what it gives.
  }

  refusal(origin: string, nowMs: number): 'budget_exhausted' | undefined {
    return this.reporter.ask('option `budget.tryTake`', () => this.budget.tryTake(origin, nowMs)) === true ? undefined : 'budget_exhausted';
  }

  isBraked(): boolean {
    return false;
  }

  usage(nowMs: number): BudgetUsage | undefined {
    return this.reporter.ask('option `budget.usage`', () => this.budget.usage?.(nowMs));
  }
}

/** A budget and the share of calls that it pays for. */
export interface ResolvedBudget {
  /** `undefined`: no limit. */
  readonly budget: Allowance | undefined;
  /** Hedges per call it can sustain. */
  readonly ratio: number;
  /** Tokens kept; `undefined` if that depends on the traffic, or is not known. */
  readonly burst?: number | undefined;
}

/** @throws TypeError or RangeError naming the option. */
export function resolveBudget(option: HedgerOptions['budget'], maxOrigins: number, reporter: Reporter): ResolvedBudget {
  if (option === false) return { budget: undefined, ratio: DEFAULT_RATIO };
  if (isOwnBudget(option)) {
    check.checkFunction('budget.deposit', option.deposit);
    check.checkFunction('budget.tryTake', option.tryTake);
    return { budget: new PlainBudget(option, reporter), ratio: DEFAULT_RATIO };
  }
  if (isRateBudget(option)) return rateBudget(option, reporter);
  if (option !== undefined) check.checkObject('budget', option, ['ratio', 'burst', 'brake']);
  const ratio = check.checkNumber('budget.ratio', option?.ratio ?? DEFAULT_RATIO, check.ranges.share);
  const burst = option?.burst === undefined ? undefined : check.checkNumber('budget.burst', option.burst, check.ranges.atLeastOne);
  const hasBrake = check.checkBoolean('budget.brake', option?.brake ?? true);
  return { budget: new NestedRatioBudget(ratio, burst, hasBrake, maxOrigins), ratio, burst };
}

function rateBudget(option: RateBudget, reporter: Reporter): ResolvedBudget {
  check.checkObject('budget', option, ['requestsPerSecond', 'ratio', 'burstSeconds']);
  const requestsPerSecond = check.checkNumber('budget.requestsPerSecond', option.requestsPerSecond, check.ranges.positive);
  const ratio = check.checkNumber('budget.ratio', option.ratio, check.ranges.share);
  const burstSeconds = check.checkNumber('budget.burstSeconds', option.burstSeconds ?? 2, check.ranges.positive);
  return { budget: new PlainBudget(new FixedRateBudget(requestsPerSecond * ratio, burstSeconds), reporter), ratio, burst: requestsPerSecond * ratio * burstSeconds };
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
