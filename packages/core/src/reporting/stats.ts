import type { BudgetUsage } from '../options/hedger-options.js';
import type { IneligibleReason, SuppressionReason } from '../info.js';

/** Totals since a Hedger was made, and what it knows now. */
export interface HedgerStats {
  /** All calls, eligible or not. */
  readonly calls: number;
  /** Calls that could have been hedged. */
  readonly eligible: number;
  /** Calls that could not, by reason; with `eligible` they add up to `calls`. */
  readonly ineligible: Readonly<Record<IneligibleReason, number>>;
  /** Eligible calls with at least one hedge. */
  readonly hedged: number;
  /** Physical requests of eligible calls. */
  readonly attempts: { readonly primary: number; readonly hedge: number };
  /** Who delivered. */
  readonly wins: { readonly primary: number; readonly hedge: number };
  /** Eligible calls that ended without an acceptable outcome, timed out ones included. */
  readonly failed: number;
  /** Eligible calls that their caller gave up. */
  readonly cancelled: number;
  /** Hedges that were due and were not sent, by reason. */
  readonly suppressions: Readonly<Record<SuppressionReason, number>>;
  /** Hedged calls two of whose attempts are known to have been on one instance. Needs `instanceHeader`. */
  readonly collisions: number;
  /** Hedged share of the eligible calls of the last minute, 0 to 1. */
  readonly hedgeRate: number;
  /** Hedges under way. */
  readonly activeHedges: number;
  /** The overall budget, in tokens; `undefined` without one. */
  readonly budget: BudgetUsage | undefined;
  /** What hedges gained and cost. */
  readonly savings: SavingsStats;
  /** What `mode: 'shadow'` would have done. */
  readonly shadow: ShadowStats;
  /** Routes remembered. */
  readonly keys: number;
}

/** What the hedges of a Hedger gained and cost, in milliseconds. */
export interface SavingsStats {
  /**
   * What winning hedges saved their calls, an estimate: how much longer the primary would have run, by the latency of primaries
   * (its mean residual life). Nothing is assumed beyond the longest one seen, and with few wins it
   * is noisy. A hedge that won because its primary had failed saves no time.
   */
  readonly savedMs: number;
  /** The mean of it; `undefined` while no win could be estimated. */
  readonly savedMsPerWin: number | undefined;
  /** Time spent in attempts that lost, each from its start until it was aborted or ended. */
  readonly wastedMs: number;
}

/** What `mode: 'shadow'` did not send. */
export interface ShadowStats {
  /** Hedges that were due and permitted. */
  readonly hedges: number;
  /** Calls with at least one. */
  readonly calls: number;
  /** What they would have saved, in milliseconds, an estimate: copies are taken to be as fast as primaries, and independent of them. */
  readonly savedMs: number;
}

/** What is known of one route. */
export interface RouteStats {
  readonly key: string;
  /** Samples in the window. */
  readonly samples: number;
  /** The delay of the first hedge in milliseconds; `undefined` while warming up, where the delay is not learnt, and where no hedge would be worth it. */
  readonly delayMs: number | undefined;
  /** Whether hedging pauses, but for a probe now and then where a new one may tell. */
  readonly isPaused: boolean;
  /** Why: copies do not help, servers refuse them, or nothing takes so much longer than the rest that a copy would gain (`worth`). */
  readonly pauseReason: 'no_gain' | 'no_benefit' | 'refused' | undefined;
  /**
   * How much copies share the fate of their primaries, 0 (not at all) to 1: 1 − hedges that were of use / those expected if they
   * were independent. One that waited as long as its primary and won by chance was of no use. `undefined` while there is little
   * to tell by.
   */
  readonly correlation: number | undefined;
  /** Share of the budget that the origin bears, above 0 up to 1; less than 1 where slow requests come in clusters, as in queues. */
  readonly easing: number;
  /** The goal that the route's calls sought last; `undefined` if they seek none, or while warming up. */
  readonly goal: GoalStats | undefined;
}

/** How a route seeks its goal, `delay: { minimize }`. */
export interface GoalStats {
  /** The percentile to minimise, a quantile in (0, 1). */
  readonly target: number;
  /** When hedges are planned, in milliseconds from the start of the call. */
  readonly delaysMs: readonly number[];
  /** The chance of each of them to be planned at all, 0 to 1. */
  readonly probabilities: readonly number[];
  /** What the plan should bring that percentile down to, in milliseconds, if copies are independent; `undefined` if the target lies beyond what is known. */
  readonly predictedMs: number | undefined;
  /** That percentile of the calls within the window, in milliseconds; `undefined` while there are fewer than 10 / (1 − target). */
  readonly achievedMs: number | undefined;
  /** Up to where the latency of unhedged requests is known, in milliseconds. Nothing is assumed beyond it. */
  readonly identifiedUpToMs: number;
}
