import type { AnyHedger, HedgeOptions, HedgerOptions, ResolvedHedgeOptions } from '@hedgerow/core';
import { checkClientOptions, hedgerFor, type AdapterHedger } from '@hedgerow/core/adapter';
import { instrumentHedger, type TelemetryOptions } from '@hedgerow/opentelemetry';

/** Options of {@link createHedgePlugin}. */
export interface GotHedgeOptions extends HedgerOptions {
  /**
   * Shares a scheduler, its budget and its latency memory with other clients. The other options may then only be those
   * that a single call may set ({@link HedgeOptions}). Default: one of this plugin's own.
   */
  readonly hedger?: AnyHedger | undefined;
  /** What OpenTelemetry sees; `false` for nothing. Of a shared Hedger the first adapter's choice counts. Default `{}`. */
  readonly telemetry?: false | TelemetryOptions | undefined;
}

/** What got's `context` may say about hedging; other properties are the user's own. */
export interface HedgeContext extends Record<string, unknown> {
  /** `false` sends this call once; options override the plugin's. */
  readonly hedge?: HedgeOptions | false | undefined;
}

/**
 * A `context` for got that sets hedging options for one call or one instance. got types `context` as `Record<string, unknown>`,
 * which cannot be augmented; through this function an editor completes and the compiler checks what it holds.
 *
 * @example got(url, { context: hedgeContext({ delay: 50 }) })
 */
export function hedgeContext(hedge: HedgeOptions | false): HedgeContext {
  return { hedge };
}

/** What a plugin needs to know of its options. */
export type ResolvedOptions = AdapterHedger;

/** @throws TypeError or RangeError that names the option, what was expected and what came. */
export function resolveOptions(options: GotHedgeOptions): ResolvedOptions {
  checkClientOptions(options, { maker: 'createHedgePlugin' });
  const { hedger: shared, telemetry, ...rest } = options;
  const { hedger, defaults } = hedgerFor(shared, rest);
  if (telemetry !== false) instrumentHedger(hedger, telemetry);
  return { hedger, defaults };
}

/** The hedging options of one call, by its context. Throws like {@link resolveOptions}. */
export function hedgeOptionsOf(context: HedgeContext, { hedger, defaults }: ResolvedOptions): ResolvedHedgeOptions | false {
  const { hedge } = context;
  return hedge === false ? false : hedger.resolve(hedge, defaults);
}
