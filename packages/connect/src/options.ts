import { Code } from '@connectrpc/connect';
import type { AnyHedger, Hedger, HedgeOptions, HedgerOptions, ResolvedHedgeOptions } from '@hedgerow/core';
import { codesOf, hedgerFor, MethodSet, NON_FATAL_CODES, refuseHttpOnly, type ProcedureHedgeOptions } from '@hedgerow/core/adapter';
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
export interface ResolvedCallOptions {
  readonly core: ResolvedHedgeOptions;
  readonly methods: MethodSet;
  readonly nonFatal: ReadonlySet<number>;
}

/** The core decides by HTTP methods, and this is what a call of Connect is before its transport may make a GET of it. Which procedures may be copied is decided here. */
const WIRE_METHOD = ['POST'];

/** What its codes are called in errors. */
const CODE = 'a code of Connect';

/** The options of one interceptor, and what calls make of them. */
export class ResolvedOptions {
  readonly hedger: Hedger;
  private readonly defaults: ResolvedCallOptions;
  private readonly overrides = new WeakMap<ConnectCallHedgeOptions, ResolvedCallOptions>();

  /** @throws TypeError or RangeError that names the option, what was expected and what came. */
  constructor({ hedger: shared, telemetry, methods = [], nonFatalStatusCodes, ...rest }: ConnectHedgeOptions) {
    refuseHttpOnly(rest, 'an interceptor of Connect');
    const { hedger, defaults } = hedgerFor(shared, rest);
    this.hedger = hedger;
    this.defaults = {
      core: hedger.resolve({ methods: WIRE_METHOD }, defaults),
      methods: new MethodSet(methods),
      nonFatal: nonFatalStatusCodes === undefined ? NON_FATAL_CODES : codesOf(nonFatalStatusCodes, Code, CODE),
    };
    if (telemetry !== false) instrumentHedger(hedger, telemetry);
  }

  /** Those of one call; cached per options object. Throws like the constructor. */
  of(options: ConnectCallHedgeOptions | undefined): ResolvedCallOptions {
    if (options === undefined) return this.defaults;
    let resolved = this.overrides.get(options);
    if (resolved === undefined) this.overrides.set(options, (resolved = this.resolve(options)));
    return resolved;
  }

  private resolve(options: ConnectCallHedgeOptions): ResolvedCallOptions {
    const { methods, nonFatalStatusCodes, ...rest } = options;
    refuseHttpOnly(rest, 'an interceptor of Connect');
    return {
      core: this.hedger.resolve({ ...rest, methods: WIRE_METHOD }, this.defaults.core),
      methods: methods === undefined ? this.defaults.methods : new MethodSet(methods),
      nonFatal: nonFatalStatusCodes === undefined ? this.defaults.nonFatal : codesOf(nonFatalStatusCodes, Code, CODE),
    };
  }
}
