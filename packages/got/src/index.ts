/**
 * Hedged requests for got: {@link hedgePlugin} and {@link createHedgePlugin}; and all that users need of the core: {@link Hedger}, {@link hedgeInfo}, {@link isHedge}, the types of options and statistics.
 *
 * @module @hedgerow/got
 */
export { createHedgePlugin, hedgePlugin } from './plugin.js';
export type { HedgePlugin } from './plugin.js';
export { hedgeContext } from './options.js';
export type { GotHedgeOptions, HedgeContext } from './options.js';
export * from '@hedgerow/core';
export type { TelemetryOptions } from '@hedgerow/opentelemetry';
