import type { AnyHedger, Hedger, HedgeOptions, HedgerOptions, ResolvedHedgeOptions } from '@hedgerow/core';
import { checkClientOptions, hedgerFor } from '@hedgerow/core/adapter';
import { instrumentHedger, type TelemetryOptions } from '@hedgerow/opentelemetry';
import { OperationSet } from './operations.js';

/** What would send a copy elsewhere or with other headers: a signature holds for one host and what it was made over. */
const UNSIGNED = ['targets', 'route', 'forwardCredentials', 'stripAffinityCookies'] as const;

/** Options that a single call may override, by `hedge` among the options of `send`. `methods` is about REST services, and knows no POST: see `operations` of {@link AwsHedgeOptions}. */
export type AwsCallHedgeOptions = Omit<HedgeOptions, (typeof UNSIGNED)[number]>;

/**
 * Options of `hedgedRequestHandler`: those of a {@link Hedger}, and the ones below. With `hedger` only options that a single call may override may stand beside
 * it; they apply to this handler alone.
 */
export interface AwsHedgeOptions extends AwsCallHedgeOptions, Omit<HedgerOptions, keyof HedgeOptions> {
  /**
   * Operations that may be sent twice, beside those that are known to read: `'Service.Operation'`, such as `'DynamoDB.TransactGetItems'`. The service is called as its SDK
   * client is, or, if hedgerow does not know it, as in `x-amz-target` without a date, or as in the scope of the signature; case does not matter there. What by its name writes is
   * refused. Default: none.
   */
  readonly operations?: readonly string[] | undefined;
  /** The scheduler to use, to share its budget and latency memory with other clients. Default: a new one. */
  readonly hedger?: AnyHedger | undefined;
  /** What to report to OpenTelemetry; `false` for nothing. Default `{}`: spans and metrics. */
  readonly telemetry?: false | TelemetryOptions | undefined;
}

/** Methods by which operations are sent whose names say what they do: those are looked at, and not the methods. */
const CARRIERS = ['POST', 'GET'];

/** The options of one handler, and what calls make of them. */
export class ResolvedOptions {
  readonly hedger: Hedger;
  readonly operations: OperationSet;
  private readonly rest: ResolvedHedgeOptions;
  private readonly reads: ResolvedHedgeOptions;
  private readonly overrides = new WeakMap<AwsCallHedgeOptions, ResolvedHedgeOptions>();

  /** @throws TypeError or RangeError that names the option, what was expected and what came. */
  constructor(options: AwsHedgeOptions) {
    checkClientOptions(options, { maker: 'hedgedRequestHandler', own: ['operations'] });
    const { hedger: shared, telemetry, operations = [], ...rest } = options;
    check(rest);
    const { hedger, defaults } = hedgerFor(shared, rest);
    this.hedger = hedger;
    this.operations = new OperationSet(operations);
    // A shared Hedger may allow POST for other clients; here it says nothing of what a request does.
    this.rest = hedger.resolve({ methods: [...defaults.methods].filter((method) => method !== 'POST') }, defaults);
    this.reads = hedger.resolve({ methods: CARRIERS }, defaults);
    if (telemetry !== false) instrumentHedger(hedger, telemetry);
  }

  /**
   * Those of one call. Throws like the constructor.
   *
   * @param isRead - whether it is an operation that reads, by its name.
   */
  of(options: AwsCallHedgeOptions | undefined, isRead: boolean): ResolvedHedgeOptions {
    const base = isRead ? this.reads : this.rest;
    if (options === undefined) return base;
    if (!isRead) {
      check(options);
      return this.hedger.resolve(options, base);
    }
    let resolved = this.overrides.get(options);
    if (resolved === undefined) {
      check(options);
      this.overrides.set(options, (resolved = this.hedger.resolve({ ...options, methods: CARRIERS }, base)));
    }
    return resolved;
  }
}

function check(options: HedgeOptions): void {
  const misplaced = UNSIGNED.find((name) => options[name] !== undefined);
  if (misplaced !== undefined) throw new TypeError(`hedgerow: option \`${misplaced}\` is of no use here: copies of a signed request go where it goes`);
  if (allows(options.methods, 'POST')) {
    throw new TypeError('hedgerow: option `methods` must not list POST, which says nothing of what an AWS service does: name what reads in `operations`');
  }
}

/** Whether a list, if it is one, has a method, in any case. */
function allows(methods: unknown, method: string): boolean {
  return Array.isArray(methods) && methods.some((each) => typeof each === 'string' && each.toUpperCase() === method);
}
