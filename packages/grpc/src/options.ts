import { status } from '@grpc/grpc-js';
import type { Hedger, AnyHedger, HedgeOptions, HedgerOptions, ResolvedHedgeOptions } from '@hedgerow/core';
import { codesOf, hedgerFor, MethodSet, NON_FATAL_CODES, refuseHttpOnly, type ProcedureHedgeOptions } from '@hedgerow/core/adapter';
import { instrumentHedger, type TelemetryOptions } from '@hedgerow/opentelemetry';
import { harmlessMethods, type ProtoDefinition } from './methods.js';

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
export interface ResolvedCallOptions {
  readonly core: ResolvedHedgeOptions;
  readonly methods: MethodSet;
  readonly nonFatal: ReadonlySet<number>;
}

/** What its codes are called in errors. */
const STATUS = 'a gRPC status other than OK';

/** The core decides by HTTP methods, and this is the one that gRPC uses. Which procedures may be copied is decided here. */
const WIRE_METHOD = ['POST'];

/** The options of one interceptor, and what calls make of them. */
export class ResolvedOptions {
  readonly hedger: Hedger;
  private readonly defaults: ResolvedCallOptions;
  private readonly overrides = new WeakMap<GrpcCallHedgeOptions, ResolvedCallOptions>();

  /** @throws TypeError or RangeError that names the option, what was expected and what came. */
  constructor({ hedger: shared, telemetry, proto, methods = [], nonFatalStatusCodes, ...rest }: GrpcHedgeOptions) {
    refuseHttpOnly(rest, 'a gRPC interceptor');
    const { hedger, defaults } = hedgerFor(shared, rest);
    this.hedger = hedger;
    this.defaults = {
      core: hedger.resolve({ methods: WIRE_METHOD }, defaults),
      methods: new MethodSet(methods, harmlessMethods(proto)),
      nonFatal: nonFatalStatusCodes === undefined ? NON_FATAL_CODES : codesOf(nonFatalStatusCodes, status, STATUS),
    };
    if (telemetry !== false) instrumentHedger(hedger, telemetry);
  }

  /** Those of one call; cached per options object. Throws like the constructor. */
  of(options: GrpcCallHedgeOptions | undefined): ResolvedCallOptions {
    if (options === undefined) return this.defaults;
    let resolved = this.overrides.get(options);
    if (resolved === undefined) this.overrides.set(options, (resolved = this.resolve(options)));
    return resolved;
  }

  private resolve(options: GrpcCallHedgeOptions): ResolvedCallOptions {
    const { methods, nonFatalStatusCodes, ...rest } = options;
    refuseHttpOnly(rest, 'a gRPC interceptor');
    return {
      core: this.hedger.resolve({ ...rest, methods: WIRE_METHOD }, this.defaults.core),
      methods: methods === undefined ? this.defaults.methods : new MethodSet(methods),
      nonFatal: nonFatalStatusCodes === undefined ? this.defaults.nonFatal : codesOf(nonFatalStatusCodes, status, STATUS),
    };
  }
}
