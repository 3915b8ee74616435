/**
 * The scheduler: one budget and one latency memory for whatever returns a promise. It knows no HTTP client.
 *
 * @module @hedgerow/core
 */
export { Hedger } from './hedger.js';
export type { CallOptions } from './hedger.js';
export type { ResolvedHedgeOptions } from './resolve.js';
export { hedgeInfo, isHedge, attachInfo, reserveInfo } from './info.js';
export { bypassInfo } from './bypass.js';
export { holdsSecret, isSecretName, plainName, unescaped } from './secrets.js';
export { detached } from './detached.js';
export { destroyBody, drainBody, firstChunkOf, isNodeStream, isWebStream, readCopy } from './bodies.js';
export type { NodeStream } from './bodies.js';
export type { HedgeInfo, IneligibleReason, SuppressionReason } from './info.js';
export { HedgeTimeoutError } from './errors.js';
export { systemClock } from './clock.js';
export { Resets } from './resets.js';
export type { UnwantedStream } from './resets.js';
export type { Clock } from './clock.js';
export type {
  AbortListener,
  AttemptContext,
  AttemptListener,
  CallerSignal,
  HedgeCall,
  HedgeRequest,
  RaceUntil,
  RemoteProcedure,
  RequestBody,
  Settled,
  Steered,
} from './call.js';
export type { LatencySnapshot, SavedLatency, SavedOrigin, SavedRoute } from './latency/snapshot.js';
export type {
  AttemptOutcome,
  AttemptScope,
  AttemptView,
  CallEnd,
  CallObserver,
  CallView,
  HedgeObserver,
} from './events.js';
export type { GoalStats, HedgerStats, RouteStats, SavingsStats, ShadowStats } from './stats.js';
export type {
  AttemptResult,
  Budget,
  BudgetUsage,
  CompleteEvent,
  Delay,
  DelayContext,
  DelayFunction,
  DrainLosers,
  EfficacyOptions,
  GoalDelay,
  HedgeEvent,
  HedgeOptions,
  HedgerOptions,
  LatencyOptions,
  QuantileDelay,
  RateBudget,
  RatioBudget,
  RouteContext,
  SloDelay,
  Warmup,
} from './options.js';

// What plans are made of, for tools that predict what hedging would do. It may change in any release.
export { kaplanMeier, samplesNeeded } from './latency/kaplan-meier.js';
export type { BucketCounts } from './latency/kaplan-meier.js';
export type { Survival } from './latency/survival-curve.js';
export { solve as solveGoal } from './goal/solver.js';
export { costOf, percentileWith, runningWith } from './goal/outlook.js';
export type { Goal, GoalPlan, PlannedHedge } from './goal/goal.js';
