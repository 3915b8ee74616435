import type { AnyHedger, Hedger, HedgeOptions, HedgerOptions, ResolvedHedgeOptions } from '@hedgerow/core';
import { checkClientOptions, hedgerFor } from '@hedgerow/core/adapter';
import { instrumentHedger, type TelemetryOptions } from '@hedgerow/opentelemetry';
import type { NodeRequest } from './request/describe.js';
import { Reads } from './request/reads.js';

/** What is given here: which requests are reads, where hedges go (another node of the client's pool), and what is raced. */
const GIVEN = ['methods', 'idempotencyKey', 'raceUntil', 'targets', 'route', 'forwardCredentials', 'stripAffinityCookies'] as const;

/** Options that a single call may override, by `context: hedging(…)` among its transport options. */
export interface ElasticCallHedgeOptions extends Omit<HedgeOptions, (typeof GIVEN)[number]> {
  /**
   * Requests that may be hedged beside {@link DEFAULT_READS}: GET, HEAD or POST and a path, such as `'POST /{index}/_eql/search'`. They must read only, and leave nothing
   * behind on the server: no scroll, no point in time, no asynchronous search. Default: none.
   */
  readonly reads?: readonly string[] | undefined;
}

/**
 * Options of {@link hedgedTransport}: those of a Hedger, and the ones below. With `hedger` only those that a single call may override may
 * stand beside it.
 */
export interface ElasticHedgeOptions extends ElasticCallHedgeOptions, Omit<HedgerOptions, keyof HedgeOptions> {
  /** The scheduler to use, to share its budget and latency memory with other clients. Default: a new one. */
  readonly hedger?: AnyHedger | undefined;
  /** What to report to OpenTelemetry; `false` for nothing. Default `{}`: spans and metrics. */
  readonly telemetry?: false | TelemetryOptions | undefined;
}

/** What `context` of a request, or of a client, says of hedging. Other members of it are yours. */
export type HedgeContext = Readonly<Record<'hedge', ElasticCallHedgeOptions | false>>;

/**
 * Options of one call, or of all calls of a child client, as its `context`: the clients pass that on untouched.
 *
 * ```ts
 * await client.search({ index: 'logs', q: 'error' }, { context: hedging({ delay: 50 }) });
 * await client.count({ index: 'logs' }, { context: hedging(false) });
 * ```
 *
 * @param hedge - options over those of the transport; `false`: not hedged at all.
 */
export function hedging(hedge: ElasticCallHedgeOptions | false): HedgeContext {
  return { hedge };
}

/** Options of a call, checked and completed. */
export interface ResolvedCallOptions {
  readonly core: ResolvedHedgeOptions;
  readonly reads: Reads;
}

/** The core decides by HTTP methods, and these are the ones of reads. Which requests they are is decided here. */
const WIRE_METHODS = ['GET', 'HEAD', 'POST'];

/** The options of one hedged transport, and what calls make of them. */
export class ResolvedOptions {
  readonly hedger: Hedger;
  private readonly defaults: ResolvedCallOptions;
  private readonly overrides = new WeakMap<ElasticCallHedgeOptions, ResolvedCallOptions>();

  /** @throws TypeError or RangeError that names the option, what was expected and what came. */
  constructor(options: ElasticHedgeOptions) {
    checkClientOptions(options, { maker: 'hedgedTransport', own: ['reads'] });
    const { hedger: shared, telemetry, reads, ...rest } = options;
    refuseGiven(rest);
    const { hedger, defaults } = hedgerFor(shared, rest);
    this.hedger = hedger;
    const steered: HedgeOptions = {
      methods: WIRE_METHODS,
      // Nodes of one cluster take the same credentials.
      forwardCredentials: true,
      route: (context) => (context.request as Partial<NodeRequest>).original?.steer(context, hedger.clock.random),
    };
    this.defaults = { core: hedger.resolve(steered, defaults), reads: new Reads(checkReads(reads)) };
    if (telemetry !== false) instrumentHedger(hedger, telemetry);
  }

  /** Those of one call; cached per options object. Throws like the constructor. */
  of(options: ElasticCallHedgeOptions | undefined): ResolvedCallOptions {
    if (options === undefined) return this.defaults;
    let resolved = this.overrides.get(options);
    if (resolved === undefined) this.overrides.set(options, (resolved = this.resolve(options)));
    return resolved;
  }

  private resolve(options: ElasticCallHedgeOptions): ResolvedCallOptions {
    if (typeof options !== 'object' || (options as unknown) === null) throw new TypeError(`hedgerow: \`hedge\` in \`context\` must be an object or false, got ${typeof options}`);
    const { reads, ...rest } = options;
    refuseGiven(rest);
    return {
      core: this.hedger.resolve(rest, this.defaults.core),
      reads: reads === undefined ? this.defaults.reads : new Reads(checkReads(reads)),
    };
  }
}

function refuseGiven(options: HedgeOptions): void {
  const misplaced = GIVEN.find((name) => options[name] !== undefined);
  if (misplaced === undefined) return;
  throw new TypeError(`hedgerow: option \`${misplaced}\` has no use here: reads go by their endpoints (\`reads\`), and hedges to another node of the client's pool`);
}

function checkReads(value: readonly string[] = []): readonly string[] {
  if (isList(value)) return value;
  throw new TypeError(`hedgerow: option \`reads\` must be a list, got ${typeof value}`);
}

/** A plain answer: the platform's own narrows to a list of `any`. */
function isList(value: unknown): boolean {
  return Array.isArray(value);
}
