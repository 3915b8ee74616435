import type { MeterProvider, TracerProvider } from '@opentelemetry/api';

/** What telemetry to emit. */
export interface TelemetryOptions {
  /**
   * `'client'`: a CLIENT span for each attempt, and no spans of HTTP instrumentation below it.
   * `'nested'`: INTERNAL spans around what the application's own HTTP instrumentation emits.
   * `false`: no spans. Default `'client'`.
   */
  readonly spans?: 'client' | 'nested' | false | undefined;
  /** Whether to record metrics. Default `true`. */
  readonly metrics?: boolean | undefined;
  /** Adds `server.address` and `server.port` to the counters and histograms. Each origin adds time series. Default `false`. */
  readonly serverAddressOnMetrics?: boolean | undefined;
  /** Adds `hedge.key` to the counters and histograms of calls by `hedger.hedge(key, …)`. Each key adds time series. Default `false`. */
  readonly keyOnMetrics?: boolean | undefined;
  /** Reports `hedge.delay` and `hedge.goal.*` per route, with `hedge.key`. Each route adds a time series. Default `false`. */
  readonly delayPerKey?: boolean | undefined;
  /** Tells this Hedger's metrics from those of others in the process, as `hedge.name`. Non-empty. Default: none, all are summed. */
  readonly name?: string | undefined;
  /** Where spans go. Default: the global provider, which may be registered later. */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Where metrics go. Default: the global provider of the moment, which may be registered later. */
  readonly meterProvider?: MeterProvider | undefined;
}

/** {@link TelemetryOptions}, checked and completed. */
export interface ResolvedTelemetry {
  readonly spans: 'client' | 'nested' | false;
  readonly metrics: boolean;
  readonly serverAddressOnMetrics: boolean;
  readonly keyOnMetrics: boolean;
  readonly delayPerKey: boolean;
  readonly name: string | undefined;
  readonly tracerProvider: TracerProvider | undefined;
  readonly meterProvider: MeterProvider | undefined;
}

const KNOWN: readonly string[] = [
  'spans',
  'metrics',
  'serverAddressOnMetrics',
  'keyOnMetrics',
  'delayPerKey',
  'name',
  'tracerProvider',
  'meterProvider',
] satisfies (keyof TelemetryOptions)[];

/** @throws TypeError that names the option, what was expected and what came. */
export function resolveTelemetry(options: TelemetryOptions): ResolvedTelemetry {
  if (typeof options !== 'object' || (options as unknown) === null || Array.isArray(options)) {
    throw complaint('telemetry', 'an object', options);
  }
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`hedgerow: unknown option \`telemetry.${unknown.slice(0, 60)}\`; known are ${KNOWN.join(', ')}`);
  }
  return {
    spans: spansForm(options.spans),
    metrics: flag('metrics', options.metrics, true),
    serverAddressOnMetrics: flag('serverAddressOnMetrics', options.serverAddressOnMetrics, false),
    keyOnMetrics: flag('keyOnMetrics', options.keyOnMetrics, false),
    delayPerKey: flag('delayPerKey', options.delayPerKey, false),
    name: nonEmpty('name', options.name),
    tracerProvider: provider('tracerProvider', 'getTracer', options.tracerProvider),
    meterProvider: provider('meterProvider', 'getMeter', options.meterProvider),
  };
}

function spansForm(value: TelemetryOptions['spans']): ResolvedTelemetry['spans'] {
  if (value === undefined) return 'client';
  if (value === false || ['client', 'nested'].includes(value)) return value;
  throw complaint('telemetry.spans', 'one of "client", "nested", false', value);
}

function flag(option: keyof TelemetryOptions, value: boolean | undefined, byDefault: boolean): boolean {
  if (value === undefined) return byDefault;
  if (typeof value !== 'boolean') throw complaint(`telemetry.${option}`, 'true or false', value);
  return value;
}

function nonEmpty(option: keyof TelemetryOptions, value: string | undefined): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw complaint(`telemetry.${option}`, 'a non-empty string', value);
}

function provider<P extends object>(option: keyof TelemetryOptions, method: keyof P & string, value: P | undefined): P | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'object' && (value as unknown) !== null && typeof value[method] === 'function') return value;
  throw complaint(`telemetry.${option}`, `an object with ${method}()`, value);
}

function complaint(option: string, expected: string, value: unknown): TypeError {
  return new TypeError(`hedgerow: option \`${option}\` must be ${expected}, got ${display(value)}`);
}

function display(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}
