import axios, { type AxiosAdapter, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios';
import { Hedger, type HedgeOptions, type HedgerOptions, type ResolvedHedgeOptions } from '@hedgerow/core';
import { instrumentHedger, type TelemetryOptions } from '@hedgerow/opentelemetry';
import { interoperable } from './interop.js';
import { unwrapped } from './recursion.js';
import { takesAnySignal } from './signal.js';

/** Which adapter sends the attempts, in every form that axios takes. */
export type InnerAdapter = NonNullable<AxiosRequestConfig['adapter']>;

/**
 * Options of `hedgedAdapter`: those of a {@link Hedger}, and the ones below. With `hedger` only options that a single call may
 * override ({@link HedgeOptions}) may stand beside it; they apply to this adapter alone.
 */
export interface AxiosHedgeOptions extends HedgerOptions {
  /** The scheduler to use, to share its budget and latency memory with other clients. Default: a new one. */
  readonly hedger?: Hedger | undefined;
  /**
   * What sends each attempt: `'http'`, `'fetch'`, `'xhr'`, a function, or a list of which the first supported one is taken.
   * Default: `axios.defaults.adapter` at this moment.
   */
  readonly adapter?: InnerAdapter | undefined;
  /** What to report to OpenTelemetry; `false` for nothing. Default `{}`: spans and metrics. */
  readonly telemetry?: false | TelemetryOptions | undefined;
}

/** {@link AxiosHedgeOptions}, checked and completed. */
export interface ResolvedAdapterOptions {
  readonly hedger: Hedger;
  /** What a request's own `hedge` overrides. */
  readonly defaults: ResolvedHedgeOptions;
  readonly adapter: InnerAdapter;
}

/** @throws TypeError or RangeError that names the option, what was expected and what came; an AxiosError for an unknown adapter. */
export function resolveAdapterOptions(options: AxiosHedgeOptions): ResolvedAdapterOptions {
  const { hedger: shared, adapter: asked, telemetry, ...rest } = options;
  if (shared !== undefined && typeof (shared as Partial<Hedger> | null)?.run !== 'function') {
    throw new TypeError(`hedgerow: option \`hedger\` must be a Hedger, got ${typeof shared}`);
  }
  const adapter = unwrapped(asked ?? axios.defaults.adapter ?? []);
  getAdapter(adapter);
  const hedger = shared ?? new Hedger(rest);
  const defaults = hedger.resolve(shared === undefined ? undefined : given(rest));
  if (telemetry !== false) instrumentHedger(hedger, telemetry);
  return { hedger, defaults, adapter };
}

/** Newer versions of axios look at the config too: its `env` may bring a `fetch`. */
const getAdapter: (adapter: InnerAdapter, config?: InternalAxiosRequestConfig) => AxiosAdapter = axios.getAdapter;

/** What sends a request. */
export interface Sender {
  readonly send: AxiosAdapter;
  readonly takesAnySignal: boolean;
}

/** @throws AxiosError if no adapter is supported here. */
export function senderFor(adapter: InnerAdapter, config: InternalAxiosRequestConfig): Sender {
  const send = getAdapter(adapter, config);
  return { send: send === adapter ? send : interoperable(send, config), takesAnySignal: takesAnySignal(send) };
}

/** An option that is present but `undefined` is not given. */
function given(options: HedgeOptions): HedgeOptions | undefined {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
