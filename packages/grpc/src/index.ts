/**
 * Hedged calls for @grpc/grpc-js: {@link hedgingInterceptor}.
 *
 * @module @hedgerow/grpc
 */
import './augment.js';

export { hedgingInterceptor } from './interceptor.js';
export type { GrpcCallHedgeOptions, GrpcHedgeOptions, StatusName } from './options.js';
export type { ProtoDefinition } from './methods.js';
export type { GrpcAnswer } from './response/answer.js';
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
  HedgeRequest,
  HedgerOptions,
  HedgerStats,
  IneligibleReason,
  LatencyOptions,
  QuantileDelay,
  RateBudget,
  RatioBudget,
  RemoteProcedure,
  RouteStats,
  SloDelay,
  SuppressionReason,
  Warmup,
} from '@hedgerow/core';
export type { TelemetryOptions } from '@hedgerow/opentelemetry';
