/**
 * Hedged reads for the clients of Elasticsearch and OpenSearch: {@link hedgedTransport}; and all that users need of the core: {@link Hedger}, {@link hedgeInfo}, {@link isHedge}, the types of options and statistics.
 *
 * @module @hedgerow/elastic
 */
export { hedgedTransport } from './hedged-transport.js';
export type { HedgedTransport, TransportClass } from './hedged-transport.js';
export { hedging } from './options.js';
export type { ElasticCallHedgeOptions, ElasticHedgeOptions, HedgeContext } from './options.js';
export { DEFAULT_READS } from './request/endpoints.js';
export * from '@hedgerow/core';
export type { TelemetryOptions } from '@hedgerow/opentelemetry';
