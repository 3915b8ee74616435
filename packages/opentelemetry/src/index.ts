export { instrumentHedger } from './instrument.js';
export type { TelemetryOptions } from './options.js';
