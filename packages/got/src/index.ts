export { createHedgePlugin, hedgePlugin } from './plugin.js';
export type { HedgePlugin } from './plugin.js';
export { hedgeContext } from './options.js';
export type { GotHedgeOptions, HedgeContext } from './options.js';
export { hedgeInfo, isHedge } from './info.js';
export { Hedger, HedgeTimeoutError } from '@hedgerow/core';
export type {
  AttemptResult,
  CompleteEvent,
  Delay,
  HedgeEvent,
  HedgeInfo,
  HedgeOptions,
  HedgeRequest,
  HedgerOptions,
  HedgerStats,
  IneligibleReason,
  SuppressionReason,
} from '@hedgerow/core';
export type { TelemetryOptions } from '@hedgerow/opentelemetry';
