import { Code } from '@connectrpc/connect';
import type { AnyHedger, Hedger, HedgeOptions, HedgerOptions, ResolvedHedgeOptions } from '@hedgerow/core';
import { checkClientOptions, hedgerFor, ProcedureOptions, refuseHttpOnly, type ProcedureHedgeOptions, type ProcedureWords, type ResolvedProcedureOptions } from '@hedgerow/core/adapter';
import { instrumentHedger, type TelemetryOptions } from '@hedgerow/opentelemetry';

/** A code of Connect by name, such as `'Unavailable'`. */
export type CodeName = keyof typeof Code;

/** Options that a single call may override, by {@link hedgeKey} in its context values. */
export interface ConnectCallHedgeOptions extends ProcedureHedgeOptions {
  /**
   * Methods that may be called twice, besides those that their schema declares free of side effects (`idempotency_level = NO_SIDE_EFFECTS`): `'package.Service/Method'`, or
   * `'package.Service/*'` for all of a service. Default: none.
   */
  readonly methods?: readonly string[] | undefined;
  /**
   * Codes of errors that let the other attempts go on; any other error decides the call at once (gRPC proposal A6). Default: Unknown, DeadlineExceeded,
   * ResourceExhausted, Aborted, Internal, Unavailable, DataLoss, Canceled.
   */
  readonly nonFatalStatusCodes?: readonly (CodeName | Code)[] | undefined;
}

/**
 * Options of {@link hedgedInterceptor}: those of a Hedger, and the ones below. With `hedger` only those that a single call may
 * override may stand beside it.
 */
export interface ConnectHedgeOptions extends ConnectCallHedgeOptions, Omit<HedgerOptions, keyof HedgeOptions> {
  /** The scheduler to use, to share its budget and latency memory with other clients. Default: a new one. */
  readonly hedger?: AnyHedger | undefined;
  /** What to report to OpenTelemetry; `false` for nothing. Spans of remote procedures are always nested. Default `{}`: spans and metrics. */
  readonly telemetry?: false | TelemetryOptions | undefined;
}

/** Options of a call, checked and completed. */
export type ResolvedCallOptions = ResolvedProcedureOptions<ResolvedHedgeOptions>;

/** What the options of an interceptor come to: whom it asks, and what calls make of them. */
export interface ResolvedOptions {
  readonly hedger: Hedger;
  readonly calls: ProcedureOptions<ResolvedHedgeOptions>;
}

const WORDS: ProcedureWords = { client: 'an interceptor of Connect', codes: Code, code: 'a code of Connect' };

/** @throws TypeError or RangeError that names the option, what was expected and what came. */
export function resolveOptions(options: ConnectHedgeOptions): ResolvedOptions {
  checkClientOptions(options, { maker: 'hedgedInterceptor', own: ['nonFatalStatusCodes'], uncalled: 'function' });
  const { hedger: shared, telemetry, methods, nonFatalStatusCodes, ...rest } = options;
  refuseHttpOnly(rest, WORDS);
  const core = hedgerFor(shared, rest);
  const calls = new ProcedureOptions(WORDS, core, { methods, nonFatalStatusCodes });
  if (telemetry !== false) instrumentHedger(core.hedger, telemetry);
  return { hedger: core.hedger, calls };
}
