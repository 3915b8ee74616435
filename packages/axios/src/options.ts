import axios from 'axios';
import type { AnyHedger, HedgerOptions } from '@hedgerow/core';
import { checkClientOptions, hedgerFor, type AdapterHedger } from '@hedgerow/core/adapter';
import { instrumentHedger, type TelemetryOptions } from '@hedgerow/opentelemetry';
import { getAdapter, type InnerAdapter } from './attempt/inner-adapter.js';
import { unwrapped } from './recursion.js';

/**
 * Options of `hedgedAdapter`: those of a {@link Hedger}, and the ones below. With `hedger` only options that a single call may
 * override (`HedgeOptions`) may stand beside it; they apply to this adapter alone.
 */
export interface AxiosHedgeOptions extends HedgerOptions {
  /** The scheduler to use, to share its budget and latency memory with other clients. Default: a new one. */
  readonly hedger?: AnyHedger | undefined;
  /**
   * What sends each attempt: `'http'`, `'fetch'`, `'xhr'`, a function, or a list of which the first supported one is taken.
   * Default: `axios.defaults.adapter` at this moment.
   */
  readonly adapter?: InnerAdapter | undefined;
  /** What to report to OpenTelemetry; `false` for nothing. Default `{}`: spans and metrics. */
  readonly telemetry?: false | TelemetryOptions | undefined;
}

/** {@link AxiosHedgeOptions}, checked and completed. */
export interface ResolvedOptions extends AdapterHedger {
  readonly adapter: InnerAdapter;
}

/** @throws TypeError or RangeError that names the option, what was expected and what came; an AxiosError for an unknown adapter. */
export function resolveOptions(options: AxiosHedgeOptions): ResolvedOptions {
  checkClientOptions(options, { maker: 'hedgedAdapter', own: ['adapter'], uncalled: 'transformRequest' });
  const { hedger: shared, adapter: asked, telemetry, ...rest } = options;
  const adapter = unwrapped(asked ?? axios.defaults.adapter ?? []);
  getAdapter(adapter);
  const { hedger, defaults } = hedgerFor(shared, rest);
  if (telemetry !== false) instrumentHedger(hedger, telemetry);
  return { hedger, defaults, adapter };
}
