/**
 * The scheduler: one budget and one latency memory for whatever returns a promise. It knows no HTTP client.
 *
 * @module @hedgerow/core
 */
export { Hedger } from './hedger.js';
export type { PromiseHedgeOptions, StartPromise } from './adapter/promise-call.js';
export type { AnyHedger } from './hedger.js';
export type { CallOptions, ResolvedHedgeOptions } from './plan/resolved-options.js';
export { hedgeInfo, isHedge } from './info.js';
export { isSecretName } from './adapter/secrets.js';
export type { HedgeInfo, IneligibleReason, SuppressionReason } from './info.js';
export { HedgeTimeoutError } from './common/errors.js';
export { firstEvent, firstToken } from './adapter/first-event.js';
export type { ServerSentEvent } from './adapter/event-stream.js';
export { systemClock } from './common/clock.js';
export type { Clock } from './common/clock.js';
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
} from './reporting/events.js';
export type { GoalStats, HedgerStats, RouteStats, SavingsStats, ShadowStats } from './reporting/stats.js';
export type {
  Budget,
  BudgetUsage,
  EfficacyOptions,
  HedgerChanges,
  HedgerOptions,
  LatencyOptions,
  RateBudget,
  RatioBudget,
} from './options/hedger-options.js';
export type {
  Delay,
  DelayContext,
  DelayFunction,
  GoalDelay,
  QuantileDelay,
  SloDelay,
  Warmup,
} from './options/delays.js';
export type {
  AttemptResult,
  ChunkPredicate,
  CompleteEvent,
  Describe,
  DrainLosers,
  HedgeEvent,
  HedgeOptions,
  RequestDescription,
  RouteContext,
  UntilChunk,
} from './options/options.js';
