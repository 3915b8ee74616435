/**
 * Spans and metrics of a Hedger: {@link instrumentHedger}. The adapters bring it along.
 *
 * @module @hedgerow/opentelemetry
 */
export { instrumentHedger } from './instrument.js';
export type { TelemetryOptions } from './options.js';
