import type { IneligibleReason, RaceUntil } from '@hedgerow/core';
import { bypassInfo } from '@hedgerow/core/adapter';
import { Health } from '../attempt/health.js';
import { deliver } from '../caller/deliver.js';
import { note, tell } from '../caller/told.js';
import type {
  Abortable, ElasticAnswer, ElasticConnection, ElasticOptions, Emit, Exchange, NodeConnection, OpenSearchCallback, OpenSearchConnection, Transport, TransportOptions, WireParams,
} from '../client.js';
import type { ElasticCallHedgeOptions, ResolvedCallOptions, ResolvedOptions } from '../options.js';
import { Cluster } from '../request/cluster.js';
import { NodeRequest } from '../request/describe.js';
import { leavesSomething } from '../request/endpoints.js';
import { ElasticCall } from './elastic-call.js';
import { OpenSearchCall } from './opensearch-call.js';

type Send = (this: unknown, params: WireParams, second: never) => unknown;

/**
 * Stands between a transport and its client's events. A transport says `request` right before it asks the connection that it has chosen, once for every retry:
 * then that connection is replaced for as long as it takes to be asked, and what is asked of it is hedged. So retries, sniffing and the choice of
 * the primary's node are the transport's own, and copies are none of its requests.
 */
export class Exchanges {
  private readonly resolved: ResolvedOptions;
  private readonly cluster: Cluster;
  private readonly isOpenSearch: boolean;
  private readonly sniffsOnFault: boolean;
  private transport: Transport | undefined = undefined;

  constructor(resolved: ResolvedOptions, { connectionPool, nodeFilter, emit, sniffOnConnectionFault }: TransportOptions) {
    this.resolved = resolved;
    this.cluster = new Cluster(connectionPool, nodeFilter);
    this.isOpenSearch = emit !== undefined;
    this.sniffsOnFault = sniffOnConnectionFault === true;
  }

  /** The transport that was made. */
  attach(transport: Transport): void {
    this.transport = transport;
    this.cluster.filter ??= transport.nodeFilter;
  }

  /** The client's events, with ours before or behind them: what listeners see is what they would see without us. */
  around(emit: Emit): Emit {
    return (event, error, exchange) => {
      if (event === 'response') tell(exchange, error);
      const result = emit(event, error, exchange);
      if (event === 'request' && error === null) this.intercept(exchange);
      return result;
    };
  }

  private intercept(exchange: Exchange): void {
    const { meta } = exchange;
    const { connection } = meta;
    if (connection === null) return;
    const ask = (send: () => unknown): unknown => {
      meta.connection = connection;
      return send();
    };
    const request: Send = this.isOpenSearch
      ? (params, callback) => ask(() => this.askOpenSearch(exchange, connection as OpenSearchConnection, params, callback))
      : (params, options) => ask(() => this.askElastic(exchange, connection as ElasticConnection, params, options));
    meta.connection = Object.create(connection, { request: { value: request } }) as NodeConnection;
  }

  private askElastic(exchange: Exchange, connection: ElasticConnection, params: WireParams, options: ElasticOptions): Promise<ElasticAnswer> {
    const asked = this.judge(exchange, connection, params);
    if (typeof asked.reason === 'string') {
      const outcome = connection.request(params, options);
      const told = this.bypassed(exchange, asked.request, asked.reason, options.asStream === true);
      outcome.then(told, told);
      return outcome;
    }
    const call = new ElasticCall({ ...asked, exchange, connection, params, health: this.health(exchange) }, options);
    const run = this.resolved.hedger.run(call, asked.hedgeOptions);
    // Most calls have neither a signal nor a stream.
    return call.isPlain ? run : call.deliver(run);
  }

  private askOpenSearch(exchange: Exchange, connection: OpenSearchConnection, params: WireParams, callback: OpenSearchCallback): Abortable {
    const asked = this.judge(exchange, connection, params);
    if (typeof asked.reason === 'string') {
      const told = this.bypassed(exchange, asked.request, asked.reason, exchange.meta.request.options?.asStream === true);
      return connection.request(params, (error, answer) => {
        told();
        callback(error, answer);
      });
    }
    const call = new OpenSearchCall({ ...asked, exchange, connection, params, health: this.health(exchange) });
    const outcome = this.resolved.hedger.run(call, asked.hedgeOptions);
    if (call.thrown !== undefined) {
      outcome.catch(() => undefined);
      throw call.thrown.error;
    }
    deliver(outcome, callback, (answer) => call.kept(answer));
    return call;
  }

  /** What is asked for, and why it is not hedged; as far as that is for this package to say. */
  private judge(exchange: Exchange, connection: NodeConnection, params: WireParams): Asked {
    const hedge = hedgeOf(exchange.meta.context);
    const options: ResolvedCallOptions = this.resolved.of(hedge === false ? undefined : hedge);
    const route = options.reads.routeOf(params.method, params.path);
    const request = new NodeRequest(this.cluster, connection, params, route);
    return { request, hedgeOptions: options.core, reason: whyNot(hedge, route, params) };
  }

  /** Counts what is sent alone. Returns what is to be called when it has ended. */
  private bypassed(exchange: Exchange, request: NodeRequest, reason: IneligibleReason, isStream: boolean): () => void {
    const { hedger } = this.resolved;
    const raceUntil: RaceUntil = isStream ? 'headers' : 'body';
    const startedAtMs = hedger.clock.now();
    hedger.recordBypass(request, reason);
    return () => note(exchange, bypassInfo(request, raceUntil, reason, hedger.clock.now() - startedAtMs));
  }

  private health({ meta }: Exchange): Health {
    const { transport } = this;
    const sniff = this.sniffsOnFault && transport !== undefined;
    return new Health(this.cluster, sniff ? () => void transport.sniff({ reason: 'sniff-on-connection-fault', requestId: meta.request.id, context: meta.context }) : undefined);
  }
}

interface Asked {
  readonly request: NodeRequest;
  readonly hedgeOptions: ResolvedCallOptions['core'];
  readonly reason: IneligibleReason | undefined;
}

function whyNot(hedge: ElasticCallHedgeOptions | false | undefined, route: string | undefined, { path, querystring }: WireParams): IneligibleReason | undefined {
  if (hedge === false) return 'disabled';
  if (route === undefined) return 'method';
  return leavesSomething(path, querystring) ? 'unsupported' : undefined;
}

/** What the caller, or his client, says of hedging; see `hedging()`. */
export function hedgeOf(context: unknown): ElasticCallHedgeOptions | false | undefined {
  if (typeof context !== 'object' || context === null) return undefined;
  return (context as { readonly hedge?: ElasticCallHedgeOptions | false }).hedge;
}
