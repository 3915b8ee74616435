import { Client as Elastic8, SniffingTransport as Transport8 } from '@elastic/elasticsearch';
import { Client as OpenSearchClient, Transport as OpenSearchTransport } from '@opensearch-project/opensearch';
import { Client as Elastic9, SniffingTransport as Transport9 } from 'elasticsearch-9';
import { hedgedTransport, type ElasticHedgeOptions, type Hedger } from '@hedgerow/elastic';

/** What is used of each client. OpenSearch's has the body of a request by itself and gives results with `meta` always. */
export interface SearchClient {
  readonly transport: {
    request(params: object, options?: object): Promise<Result> & { readonly abort?: () => void };
    readonly diagnostic?: unknown;
  };
  readonly connectionPool: { readonly connections: readonly Node[] };
  readonly diagnostic?: Events;
  readonly on?: Events['on'];
  child(options: object): SearchClient;
  close(): Promise<void> | void;
}

export interface Events {
  on(event: string, listener: (error: Error | null, result: Result) => void): unknown;
}

export interface Node {
  readonly url: URL;
  readonly status: string;
  readonly deadCount: number;
}

export interface Result {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly node?: number } & Record<string, unknown>;
  readonly meta: { readonly attempts: number; readonly connection: Node; readonly aborted: boolean };
}

/** Makes a client of a kind, hedged or not. */
export interface Kind {
  readonly name: string;
  readonly isOpenSearch: boolean;
  /** Hedges after 10 ms without a budget, and marks copies. */
  readonly hedged: (options: object, hedge?: ElasticHedgeOptions) => { readonly client: SearchClient; readonly hedger: Hedger };
  readonly plain: (options: object) => SearchClient;
}

type AnyClient = new (options: object) => unknown;
type AnyTransport = new (options: never) => object;

function kind(name: string, Client: unknown, Transport: unknown): Kind {
  const make = (options: object): SearchClient => new (Client as AnyClient)(options) as SearchClient;
  return {
    name,
    isOpenSearch: name === 'OpenSearch 3',
    hedged(options, hedge = {}) {
      const Hedged = hedgedTransport(Transport as AnyTransport, { ...(hedge.hedger === undefined && { budget: false }), delay: 10, markHedges: 'x-hedge-attempt', telemetry: false, ...hedge });
      return { client: make({ ...options, Transport: Hedged }), hedger: Hedged.hedger };
    },
    plain: (options) => make(options),
  };
}

/** Every client, by the version that its name says. */
export const KINDS: readonly Kind[] = [kind('Elasticsearch 8', Elastic8, Transport8), kind('Elasticsearch 9', Elastic9, Transport9), kind('OpenSearch 3', OpenSearchClient, OpenSearchTransport)];
