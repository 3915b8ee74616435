/**
 * Hedged requests for `fetch`: {@link hedgedFetch}; and all that users need of the core: {@link Hedger}, {@link hedgeInfo}, {@link isHedge}, the types of options and statistics.
 *
 * @module @hedgerow/fetch
 */
export { hedgedFetch } from './hedged-fetch.js';
export type { FetchHedgeOptions, FetchLike, HedgedFetch, HedgeInit } from './options.js';
export { hedgeInterceptor } from './undici/interceptor.js';
export type { HedgeInterceptorOptions } from './undici/interceptor.js';
export type { HedgeInterceptor } from './undici/types.js';
export * from '@hedgerow/core';
export type { TelemetryOptions } from '@hedgerow/opentelemetry';
