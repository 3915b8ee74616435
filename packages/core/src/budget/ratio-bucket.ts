import { RecentCount } from '../common/recent-count.js';
import type { BudgetUsage } from '../options/hedger-options.js';
import { ROUNDING } from './allowance.js';

/** The traffic of so much time is counted, in ten slots. */
const TRAFFIC_WINDOW_MS = 10_000;
/** The default burst is this much of the current traffic's allowance … */
const BURST_MS = 1_000;
/** … and never less than this many tokens. */
const LEAST_BURST = 10;
/** A new bucket may hedge at once, but not much; one that may have been there before, not at all. */
const FIRST_TOKENS = 3;
/** So it is for ratios up to this one. Whoever allows more means it to be spent, and keeps as many times as much. */
const USUAL_RATIO = 0.1;

/** Tokens that a bucket keeps unless the user says otherwise. */
export function defaultBurst(ratio: number, callsPerMs: number): number {
  return generosity(ratio) * Math.max(LEAST_BURST, ratio * callsPerMs * BURST_MS);
}

/** Tokens that a bucket keeps while nobody has wanted any: processes that start together would spend together what they saved up. */
function firstBurst(ratio: number): number {
  return FIRST_TOKENS + generosity(ratio) ** 2;
}

function generosity(ratio: number): number {
  return Math.max(1, ratio / USUAL_RATIO);
}

/**
 * A bucket filled by calls, not by time: +ratio per call, −1 per hedge, at most `burst` kept. Any window of N calls sends at
 * most burst + ratio · N hedges, at any traffic. (Compare Finagle's retry budget and gRPC's retry throttling.)
 */
export class RatioBucket {
  private ratio: number;
  private fixedBurst: number | undefined;
  private readonly traffic = new RecentCount(TRAFFIC_WINDOW_MS, 10);
  /** Share of the ratio in force. */
  private factor = 1;
  private tokens: number;
  /** Deposits not counted yet: nothing needs to know before somebody wants a token. */
  private deposits = 0;
  private limit: number;
  /** Nobody has wanted a token yet. */
  private isUntouched = true;

  constructor(ratio: number, burst: number | undefined, isFirst: boolean) {
    this.ratio = ratio;
    this.fixedBurst = burst;
    this.limit = burst ?? firstBurst(ratio);
    this.tokens = isFirst ? Math.min(FIRST_TOKENS, this.limit) : 0;
  }

  usage(nowMs: number): BudgetUsage {
    this.settle(nowMs);
    // What was never there has not been spent, unless the user has named the limit.
    const limit = this.isUntouched && this.fixedBurst === undefined ? this.tokens : this.limit;
    return { used: Math.max(0, limit - this.tokens), limit };
  }

  hasToken(nowMs: number): boolean {
    this.settle(nowMs);
    this.isUntouched = false;
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

  /** From now on it is filled by another ratio. Deposits so far count by the old one. */
  retune(ratio: number, burst: number | undefined, nowMs: number): void {
    this.settle(nowMs);
    this.ratio = ratio;
    this.fixedBurst = burst;
  }

  /** Keeps no more than so many tokens. */
  cap(tokens: number): void {
    this.tokens = Math.min(this.tokens, tokens);
  }

  private settle(nowMs: number): void {
    const burst = this.burst(nowMs);
    this.limit = this.factor === 1 ? burst : Math.min(burst, Math.max(1, this.factor * Math.max(Math.min(burst, LEAST_BURST), burst * this.factor ** 4)));
    this.tokens = Math.min(this.limit, this.tokens + this.factor * this.ratio * this.deposits);
    this.deposits = 0;
  }

  private burst(nowMs: number): number {
    if (this.fixedBurst !== undefined) return this.fixedBurst;
    return this.isUntouched ? firstBurst(this.ratio) : defaultBurst(this.ratio, this.traffic.total(nowMs) / TRAFFIC_WINDOW_MS);
  }
}
