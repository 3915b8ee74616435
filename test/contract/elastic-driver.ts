import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Client as ElasticClient, SniffingTransport } from '@elastic/elasticsearch';
import { Client as OpenSearchClient, Transport } from '@opensearch-project/opensearch';
import { Hedger, type HedgeOptions } from '@hedgerow/core';
import { hedgedTransport, hedgeInfo, hedging, isHedge, type ElasticCallHedgeOptions } from '@hedgerow/elastic';
import type { ContractDriver, ContractRequest, ContractResponse } from './driver.js';
import { elasticSubstitutes } from './elastic-substitutes.js';
import { startScriptedNode, wireOf } from '../support/scripted-node.js';

/** A client as the suite asks it: one node, no retries. */
interface NodeClient {
  readonly transport: {
    request(params: object, options: object): PromiseLike<Result> & { readonly abort?: () => void };
  };
  close(): unknown;
}

interface Result {
  readonly statusCode: number | null;
  readonly headers: Readonly<Record<string, unknown>> | null;
  readonly body: unknown;
}

/** @param nodes - the first is asked first. */
type Make = (nodes: string | string[], Transport: unknown) => NodeClient;

/** A transport that asks for no product: the suite's servers are none. */
class PlainTransport extends SniffingTransport {
  constructor(options: ConstructorParameters<typeof SniffingTransport>[0]) {
    const rest = { ...options };
    delete rest.productCheck;
    super(rest);
  }
}

/** Elastic's client, which reads whole bodies, or hands out streams. */
export const elasticDriver = (form: 'whole' | 'stream'): ContractDriver =>
  driver(`Elasticsearch, ${form}`, form, PlainTransport, (nodes, Hedged) => new ElasticClient({ nodes, Transport: Hedged as typeof SniffingTransport }));

/** OpenSearch's client. */
export const openSearchDriver = (form: 'whole' | 'stream'): ContractDriver =>
  driver(`OpenSearch, ${form}`, form, Transport, (nodes, Hedged) => new OpenSearchClient({ nodes, Transport: Hedged as typeof Transport }));

function driver(name: string, form: 'whole' | 'stream', Plain: typeof PlainTransport | typeof Transport, make: Make): ContractDriver {
  return {
    name,
    raceUntil: form === 'whole' ? 'body' : 'headers',
    hedgeInfo,
    isHedge,
    startServer: startScriptedNode,
    instead: elasticSubstitutes,
    errors: {
      aborted: { name: 'RequestAbortedError' },
      timeout: { name: 'TimeoutError' },
      reset: { name: 'ConnectionError' },
      hedgeTimeout: { name: 'TimeoutError' },
    },
    create({ hedger, methods, targets, ...options }) {
      const scheduler = hedger ?? new Hedger(options);
      const Hedged: unknown = hedgedTransport(Plain, { hedger: scheduler, ...(hedger && elasticOptions(options)), reads: endpoints(methods) });
      const clients = new Map<string, NodeClient>();
      const clientFor = (origin: string): NodeClient => {
        const client = clients.get(origin) ?? make(targets === undefined ? origin : [origin, ...targets.filter((target) => target !== origin)], Hedged);
        clients.set(origin, client);
        return client;
      };
      return {
        hedger: scheduler,
        request: (request) => ask(clientFor(new URL(request.url).origin), request, form),
        close: () => {
          for (const client of clients.values()) void client.close();
        },
      };
    },
  };
}

/** Everything that is a GET, and what stands for other methods that may be hedged. */
function endpoints(methods: readonly string[] = []): readonly string[] {
  const places = ['', '/{one}', '/{one}/{two}'];
  const others = ['options', ...methods].flatMap((method) => places.map((place) => `POST /_${method.toLowerCase()}${place}`));
  return [...places.map((place) => `GET|HEAD ${place || '/'}`), ...others];
}

/** What the suite says of HTTP methods is said of endpoints. */
function elasticOptions({ methods, ...options }: HedgeOptions): ElasticCallHedgeOptions {
  return { ...options, ...(methods && { reads: endpoints(methods) }) };
}

async function ask(client: NodeClient, request: ContractRequest, form: 'whole' | 'stream'): Promise<ContractResponse> {
  const { method = 'GET', url, headers, body, signal, timeoutMs, hedge } = request;
  const { pathname, search } = new URL(url);
  const options = {
    headers: { ...headers },
    meta: true,
    maxRetries: 0,
    ...(signal && { signal }),
    ...(timeoutMs !== undefined && { requestTimeout: timeoutMs }),
    ...(form === 'stream' && { asStream: true }),
    ...(hedge !== undefined && { context: hedging(hedge === false ? hedge : elasticOptions(hedge)) }),
  };
  const params = { ...wireOf(method, pathname), querystring: search.slice(1), body: body instanceof Uint8Array ? Buffer.from(body) : body };
  const call = client.transport.request(params, options);
  const abort = (): void => {
    call.abort?.(); // what it returns is a promise, of which a signal would make too much
  };
  try {
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort);
    const result = await call;
    return { status: result.statusCode ?? 0, headers: result.headers ?? {}, body: await bytesOf(result.body), carrier: result };
  } catch (error) {
    throw withResponse(error);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

async function bytesOf(body: unknown): Promise<Uint8Array> {
  if (typeof body === 'object' && body !== null && 'pipe' in body) return buffer(body as Readable);
  return typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.alloc(0);
}

/** What a node answered with a bad status, for `outcomeOf`. */
function withResponse(error: unknown): unknown {
  const { name, meta } = error as { readonly name?: string; readonly meta?: Result };
  if (name !== 'ResponseError' || meta === undefined) return error;
  const data = typeof meta.body === 'string' || Buffer.isBuffer(meta.body) ? meta.body : '';
  return Object.defineProperty(error as object, 'response', { value: { status: meta.statusCode, data } });
}
