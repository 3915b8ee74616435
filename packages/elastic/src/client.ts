import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

// What is used of both clients. Neither is imported: an application has the one or the other.

/** Header names are in lower case. */
export type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request as the client's transport hands it to a connection. */
export interface WireParams {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly querystring?: string | null | undefined;
  readonly body?: unknown;
  readonly headers?: Headers | undefined;
  /** OpenSearch only: in milliseconds. */
  readonly timeout?: number | null | undefined;
}

/** Connections to one node. */
export interface NodeConnection {
  readonly url: URL;
  readonly headers?: Headers | undefined;
  readonly status?: string | undefined;
  /** What its sockets come from: of undici in Elastic's client by default, of Node in all others. */
  readonly pool?: unknown;
  readonly agent?: unknown;
}

/** The nodes that a client knows. */
export interface NodePool {
  readonly connections: readonly NodeConnection[];
  markDead(connection: NodeConnection): unknown;
}

/** What the transport tells its client's events of one request, retries included. */
export interface Exchange {
  readonly body?: unknown;
  readonly meta: {
    connection: NodeConnection | null;
    readonly context?: unknown;
    readonly request: { readonly id?: unknown; readonly options?: RequestOptions | null };
  };
}

/** What a caller says beside a request. */
export interface RequestOptions {
  readonly ignore?: readonly number[] | undefined;
  readonly asStream?: boolean | undefined;
  readonly context?: unknown;
}

/** Beside a request to a connection of Elastic's client. */
export interface ElasticOptions {
  readonly signal?: AbortSignal | null | undefined;
  /** In milliseconds. */
  readonly timeout?: number | null | undefined;
  readonly asStream?: boolean | undefined;
}

/** What a connection of Elastic's client resolves to. */
export interface ElasticAnswer {
  readonly statusCode: number;
  readonly headers: Headers;
  /** The whole body, or with `asStream` a stream of it. */
  readonly body: unknown;
}

export interface ElasticConnection extends NodeConnection {
  request(params: WireParams, options: ElasticOptions): Promise<ElasticAnswer>;
}

/** The head of an answer as OpenSearch's client has it. */
export type OpenSearchAnswer = Pick<IncomingMessage, 'statusCode' | 'headers'> & Readable;

export type OpenSearchCallback = (error: unknown, answer: OpenSearchAnswer | null) => void;

export interface OpenSearchConnection extends NodeConnection {
  request(params: WireParams, callback: OpenSearchCallback): Abortable;
}

export interface Abortable {
  abort(): void;
}

/** What a transport is made with. */
export interface TransportOptions {
  readonly connectionPool: NodePool;
  /** Of Elastic's client. */
  readonly diagnostic?: Emitter | undefined;
  /** Of OpenSearch's client. */
  readonly emit?: Emit | undefined;
  readonly nodeFilter?: NodeFilter | null | undefined;
  readonly sniffOnStart?: boolean | undefined;
  readonly sniffInterval?: number | boolean | undefined;
  readonly sniffOnConnectionFault?: boolean | undefined;
  readonly context?: unknown;
}

export type NodeFilter = (node: NodeConnection) => boolean;

export type Emit = (event: string, error: unknown, exchange: Exchange) => unknown;

export interface Emitter {
  emit: Emit;
}

/** What is used of a transport itself. */
export interface Transport {
  readonly diagnostic?: Emitter | undefined;
  readonly nodeFilter?: NodeFilter | undefined;
  request(params: unknown, options?: unknown, callback?: unknown): unknown;
  sniff(options: { readonly reason: string; readonly requestId: unknown; readonly context: unknown }): unknown;
}
