/**
 * Hedged requests for got: {@link hedgePlugin} and {@link createHedgePlugin}.
 *
 * @module @hedgerow/got
 */
export { createHedgePlugin, hedgePlugin } from './plugin.js';
export type { HedgePlugin } from './plugin.js';
export { hedgeContext } from './options.js';
export type { GotHedgeOptions, HedgeContext } from './options.js';

export { Hedger, HedgeTimeoutError, hedgeInfo, isHedge } from '@hedgerow/core';
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
  HedgeRequest,
  HedgerOptions,
  HedgerStats,
  IneligibleReason,
  LatencyOptions,
  QuantileDelay,
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
