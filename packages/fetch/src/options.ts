import type { AnyHedger, HedgeOptions, HedgerOptions } from '@hedgerow/core';
import { checkClientOptions, hedgerFor, type AdapterHedger, type ClientWords } from '@hedgerow/core/adapter';
import { instrumentHedger, type TelemetryOptions } from '@hedgerow/opentelemetry';

/**
 * Options of `hedgedFetch`: those of a {@link Hedger}, and the ones below. With `hedger` only options that a single call may
 * override ({@link HedgeOptions}) may stand beside it; they apply to this `fetch` alone.
 */
export interface FetchHedgeOptions extends HedgerOptions {
  /** The scheduler to use, to share its budget and latency memory with other clients. Default: a new one. */
  readonly hedger?: AnyHedger | undefined;
  /** What to report to OpenTelemetry; `false` for nothing. Default `{}`: spans and metrics. */
  readonly telemetry?: false | TelemetryOptions | undefined;
}

/** What a hedged `fetch` takes in its `init` beside what the wrapped one takes, which never sees it. */
export interface HedgeInit {
  /** How this request is hedged, over the options of the `fetch`; `false`: not at all. */
  hedge?: HedgeOptions | false | undefined;
}

/** Any `fetch`: the platform's, undici's, node-fetch's, a test's. Typed as loosely as they differ. */
export type FetchLike = (input: never, init?: never) => Promise<object>;

/** `F`, whose `init` also takes {@link HedgeInit}. */
export type HedgedFetch<F extends FetchLike = typeof globalThis.fetch> = F extends (input: infer I, init?: infer N) => infer R
  ? (input: I, init?: N & HedgeInit) => R
  : never;

/** {@link FetchHedgeOptions}, checked and completed. */
export type ResolvedOptions = AdapterHedger;

/** @throws TypeError or RangeError that names the option, what was expected and what came. */
export function resolveOptions(options: FetchHedgeOptions, words: ClientWords): ResolvedOptions {
  checkClientOptions(options, words);
  const { hedger: shared, telemetry, ...given } = options;
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => words.own?.includes(name) !== true));
  const { hedger, defaults } = hedgerFor(shared, rest);
  if (telemetry !== false) instrumentHedger(hedger, telemetry);
  return { hedger, defaults };
}
