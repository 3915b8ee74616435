/**
 * Hedged calls for @grpc/grpc-js: {@link hedgingInterceptor}; and all that users need of the core: {@link Hedger}, {@link hedgeInfo}, {@link isHedge}, the types of options and statistics.
 *
 * @module @hedgerow/grpc
 */
import './augment.js';

export { hedgingInterceptor } from './interceptor.js';
export type { GrpcCallHedgeOptions, GrpcHedgeOptions, StatusName } from './options.js';
export type { ProtoDefinition } from './methods.js';
export type { GrpcAnswer } from './response/answer.js';
export * from '@hedgerow/core';
export type { TelemetryOptions } from '@hedgerow/opentelemetry';
