/**
 * Hedged reads for the AWS SDK v3: {@link hedgedRequestHandler}; and all that users need of the core: {@link Hedger}, {@link hedgeInfo}, {@link isHedge}, the types of options and statistics.
 *
 * @module @hedgerow/aws
 */
import './augment.js';

export { hedgedRequestHandler } from './handler.js';
export type { AnyRequestHandler, HedgedRequestHandler } from './handler.js';
export { hedgeInfoPlugin } from './info-plugin.js';
export type { InfoStack } from './info-plugin.js';
export type { AwsCallHedgeOptions, AwsHedgeOptions } from './options.js';
export * from '@hedgerow/core';
export type { TelemetryOptions } from '@hedgerow/opentelemetry';
