/**
 * Hedged requests for `fetch`: {@link hedgedFetch}.
 *
 * @module @hedgerow/fetch
 */
export { hedgedFetch } from './hedged-fetch.js';
export type { FetchHedgeOptions, FetchLike, HedgedFetch, HedgeInit } from './options.js';
export { hedgeInterceptor } from './undici/interceptor.js';
export type { HedgeInterceptorOptions } from './undici/interceptor.js';
export type { HedgeInterceptor } from './undici/types.js';
export { Hedger, hedgeInfo, isHedge } from '@hedgerow/core';
export type {
  AttemptResult,
  Budget,
  BudgetUsage,
  CompleteEvent,
  Delay,
  DelayContext,
  DelayFunction,
  HedgeEvent,
  HedgeInfo,
  HedgeOptions,
  HedgerOptions,
  HedgerStats,
  HedgeRequest,
  IneligibleReason,
  LatencyOptions,
  QuantileDelay,
  RaceUntil,
  RateBudget,
  RatioBudget,
  LatencySnapshot,
  RouteContext,
  RouteStats,
  SavingsStats,
  ShadowStats,
  SloDelay,
  SuppressionReason,
  Warmup,
} from '@hedgerow/core';
export type { TelemetryOptions } from '@hedgerow/opentelemetry';
