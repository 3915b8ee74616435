/**
 * Hedged calls for Connect-ES: {@link hedgedInterceptor}; and all that users need of the core: {@link Hedger}, {@link hedgeInfo}, {@link isHedge}, the types of options and statistics.
 *
 * @module @hedgerow/connect
 */
export { hedgedInterceptor } from './interceptor.js';
export { hedgeKey } from './hedge-key.js';
export type { CodeName, ConnectCallHedgeOptions, ConnectHedgeOptions } from './options.js';
export type { ConnectAnswer } from './response/answer.js';
export * from '@hedgerow/core';
export type { TelemetryOptions } from '@hedgerow/opentelemetry';
