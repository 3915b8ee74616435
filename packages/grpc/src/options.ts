import { status } from '@grpc/grpc-js';
import type { Hedger, AnyHedger, HedgeOptions, HedgerOptions, ResolvedHedgeOptions } from '@hedgerow/core';
import { checkClientOptions, hedgerFor, ProcedureOptions, refuseHttpOnly, type ProcedureHedgeOptions, type ProcedureWords, type ResolvedProcedureOptions } from '@hedgerow/core/adapter';
import { instrumentHedger, type TelemetryOptions } from '@hedgerow/opentelemetry';
import { methodsOf, type ProtoDefinition } from './methods.js';

/** A gRPC status by name, such as `'UNAVAILABLE'`. */
export type StatusName = keyof typeof status;

/** Options that a single call may override, by `hedge` in its call options. */
export interface GrpcCallHedgeOptions extends ProcedureHedgeOptions {
  /**
   * Methods that may be called twice: `'package.Service/Method'`, or `'package.Service/*'` for all of a service. Default: those
   * that `proto` declares free of harm; without it none.
   */
  readonly methods?: readonly string[] | undefined;
  /**
   * Statuses that let the other attempts go on; any other error decides the call at once (gRPC proposal A6). Default: UNKNOWN,
   * DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE, DATA_LOSS, CANCELLED.
   */
  readonly nonFatalStatusCodes?: readonly (StatusName | status)[] | undefined;
}

/**
 * Options of {@link hedgingInterceptor}: those of a Hedger, and the ones below. With `hedger` only those that a single call may
 * override may stand beside it.
 */
export interface GrpcHedgeOptions extends GrpcCallHedgeOptions, Omit<HedgerOptions, keyof HedgeOptions> {
  /**
   * The loaded proto: methods whose `idempotency_level` is NO_SIDE_EFFECTS or IDEMPOTENT may be called twice, besides those in
   * `methods`. grpc-js does not pass the level on to interceptors, which is why it is asked for here. Default: none.
   */
  readonly proto?: ProtoDefinition | readonly ProtoDefinition[] | undefined;
  /** The scheduler to use, to share its budget and latency memory with other clients. Default: a new one. */
  readonly hedger?: AnyHedger | undefined;
  /** What to report to OpenTelemetry; `false` for nothing. Spans of gRPC calls are always nested. Default `{}`: spans and metrics. */
  readonly telemetry?: false | TelemetryOptions | undefined;
}

/** Options of a call, checked and completed. */
export type ResolvedCallOptions = ResolvedProcedureOptions<ResolvedHedgeOptions>;

/** What the options of an interceptor come to: whom it asks, and what calls make of them. */
export interface ResolvedOptions {
  readonly hedger: Hedger;
  readonly calls: ProcedureOptions<ResolvedHedgeOptions>;
}

const WORDS: ProcedureWords = { client: 'a gRPC interceptor', codes: status, code: 'a gRPC status other than OK' };

/** @throws TypeError or RangeError that names the option, what was expected and what came. */
export function resolveOptions(options: GrpcHedgeOptions): ResolvedOptions {
  checkClientOptions(options, { maker: 'hedgingInterceptor', own: ['proto', 'nonFatalStatusCodes'], uncalled: 'method_definition' });
  const { hedger: shared, telemetry, proto, methods, nonFatalStatusCodes, ...rest } = options;
  refuseHttpOnly(rest, WORDS);
  const core = hedgerFor(shared, rest);
  const calls = new ProcedureOptions(WORDS, core, { methods, nonFatalStatusCodes }, methodsOf(proto));
  if (telemetry !== false) instrumentHedger(core.hedger, telemetry);
  return { hedger: core.hedger, calls };
}
