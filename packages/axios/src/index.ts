/**
 * Hedged requests for axios: {@link hedgedAdapter}.
 *
 * @module @hedgerow/axios
 */
import './augment.js';

export { hedgedAdapter } from './adapter.js';
export type { AxiosHedgeOptions } from './options.js';
export type { InnerAdapter } from './attempt/inner-adapter.js';
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
