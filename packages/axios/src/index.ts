/**
 * Hedged requests for axios: {@link hedgedAdapter}; and all that users need of the core: {@link Hedger}, {@link hedgeInfo}, {@link isHedge}, the types of options and statistics.
 *
 * @module @hedgerow/axios
 */
import './augment.js';

export { hedgedAdapter } from './adapter.js';
export type { AxiosHedgeOptions } from './options.js';
export type { InnerAdapter } from './attempt/inner-adapter.js';
export * from '@hedgerow/core';
export type { TelemetryOptions } from '@hedgerow/opentelemetry';
