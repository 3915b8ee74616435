import type { Hedger } from '@hedgerow/core';
import { Exchanges, hedgeOf } from './call/exchanges.js';
import type { Emit, Emitter, RequestOptions, Transport, TransportOptions } from './client.js';
import { ResolvedOptions, type ElasticHedgeOptions } from './options.js';

/** A transport class of Elastic's client (`SniffingTransport`) or of OpenSearch's (`Transport`). */
export type TransportClass = abstract new (options: never) => object;

/** What a hedged transport class has beside its own. */
export interface HedgedTransport {
  /** The scheduler, for `stats()`, `configure()`, `observe()`. */
  readonly hedger: Hedger;
}

/** Shared by every copy of the package: hedging what is hedged already would square the number of copies. */
const HEDGED: unique symbol = Symbol.for('hedgerow.elastic.transport') as never;

type AnyTransport = new (options: TransportOptions) => Transport;

/**
 * A transport for the clients of Elasticsearch (8 and 9) and OpenSearch (3) that sends a backup copy of a slow read to another node and returns whichever
 * answers first.
 *
 * ```ts
 * const client = new Client({ nodes, Transport: hedgedTransport(SniffingTransport) });
 * ```
 *
 * Only reads are hedged: the endpoints in `DEFAULT_READS`, and those that you name in `reads`. All others, and all that leave something behind on the server, such as a search that opens a
 * scroll, go through untouched. Retries, sniffing, node health, compression, helpers and child clients are the client's own.
 *
 * @param Transport - the client's own class: `SniffingTransport` of `@elastic/elasticsearch`, `Transport` of `@opensearch-project/opensearch`, or what a request signer gives.
 * @returns a subclass of it, with the scheduler as its static member `hedger`. Clients that are made with it share that.
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function hedgedTransport<T extends TransportClass>(Transport: T, options: ElasticHedgeOptions = {}): T & HedgedTransport {
  const Base = checked(Transport);
  const resolved = new ResolvedOptions(options);

  class Hedged extends Base {
    static readonly [HEDGED] = true;
    static readonly hedger: Hedger = resolved.hedger;

    constructor(given: TransportOptions) {
      const { diagnostic, emit, context } = given;
      checkContext(resolved, context);
      refuseBlind(Base, given);
      const exchanges = new Exchanges(resolved, given);
      super({
        ...given,
        ...(emit !== undefined && { emit: exchanges.around(emit) }),
        ...(emit === undefined && diagnostic !== undefined && { diagnostic: tapped(diagnostic, exchanges) }),
      });
      exchanges.attach(this);
      if (diagnostic !== undefined) Object.defineProperty(this, 'diagnostic', { value: diagnostic });
    }

    override request(params: unknown, options?: unknown, callback?: unknown): unknown {
      try {
        const { context } = (options ?? {}) as RequestOptions;
        if (context !== undefined) checkContext(resolved, context);
      } catch (error) {
        return refused(error, typeof options === 'function' ? options : callback);
      }
      return super.request(params, options, callback);
    }
  }

  return Object.defineProperty(Hedged, 'name', { value: Transport.name }) as unknown as T & HedgedTransport;
}

/** The client's events to its transport. What it is asked for beside telling them is the client's. */
function tapped(diagnostic: Emitter, exchanges: Exchanges): Emitter {
  const emit: Emit = exchanges.around((event, error, exchange) => diagnostic.emit(event, error, exchange));
  return Object.create(diagnostic, { emit: { value: emit } }) as Emitter;
}

function checkContext(resolved: ResolvedOptions, context: unknown): void {
  const hedge = hedgeOf(context);
  if (hedge !== undefined && hedge !== false) resolved.of(hedge);
}

/** As the client does it: by the promise, or by the callback in the next turn. */
function refused(error: unknown, callback: unknown): unknown {
  if (typeof callback !== 'function') return Promise.reject(error);
  process.nextTick(callback, error, null);
  return { abort: () => undefined };
}

function checked(Transport: unknown): AnyTransport {
  const { prototype } = (typeof Transport === 'function' ? Transport : {}) as { readonly prototype?: Partial<Transport> };
  if (typeof prototype?.request !== 'function' || typeof prototype.sniff !== 'function') {
    throw new TypeError(`hedgerow: \`Transport\` must be the transport class of a client of Elasticsearch or OpenSearch, got ${typeof Transport}`);
  }
  if (HEDGED in (Transport as object)) throw new TypeError('hedgerow: `Transport` must be a class that is not hedged yet');
  return Transport as AnyTransport;
}

/** Elastic's plain `Transport` cannot sniff, and says nothing when it is told to. */
function refuseBlind(Base: AnyTransport, { sniffOnStart, sniffInterval, sniffOnConnectionFault }: TransportOptions): void {
  const isAsked = sniffOnStart === true || typeof sniffInterval === 'number' || sniffOnConnectionFault === true;
  const sniff: unknown = Reflect.get(Base.prototype as object, 'sniff');
  if (isAsked && String(sniff).replaceAll(/\s/g, '').endsWith('{}')) {
    throw new TypeError('hedgerow: `Transport` must be the `SniffingTransport` of @elastic/elasticsearch, for a client that sniffs');
  }
}
