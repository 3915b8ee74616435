import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { status, type CallOptions } from '@grpc/grpc-js';
import { Client, SniffingTransport } from '@elastic/elasticsearch';
import { Client as OpenSearchClient, Transport } from '@opensearch-project/opensearch';
import axios from 'axios';
import got from 'got';
import { Agent, fetch as undiciFetch } from 'undici';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import type { HttpHandlerOptions } from '@smithy/types';
import { hedgedRequestHandler } from '@hedgerow/aws';
import { hedgedAdapter } from '@hedgerow/axios';
import { Hedger, type HedgeInfo, type IneligibleReason } from '@hedgerow/core';
import { hedgedTransport, hedging } from '@hedgerow/elastic';
import { hedgedFetch, hedgeInterceptor } from '@hedgerow/fetch';
import { createHedgePlugin, hedgeContext, hedgePlugin } from '@hedgerow/got';
import { Code, createContextValues, type Interceptor } from '@connectrpc/connect';
import { hedgedInterceptor, hedgeKey } from '@hedgerow/connect';
import { hedgingInterceptor } from '@hedgerow/grpc';
import { instrumentHedger } from '@hedgerow/opentelemetry';
import { startCluster } from 'hedgerow';

/**
 * What users write. Never called: the compiler is the test, and refuses to build if a line marked as an error is none. Also
 * compiled in projects that have installed the packages, by `npm run test:compat`.
 */
export function compiles(): unknown[] {
  const hedger = new Hedger({ delay: { quantile: [0.9, 0.99], minMs: 2 }, budget: { ratio: 0.05 } });
  const client = axios.create({ adapter: hedgedAdapter(), hedge: { delay: 50 } });
  const instance = got.extend(hedgePlugin).extend(createHedgePlugin({ hedger, delay: [10, 20] }));
  const fetch = hedgedFetch({ hedger });
  const undici = hedgedFetch(undiciFetch, { delay: 50 });
  const Hedged = hedgedTransport(SniffingTransport, { hedger, delay: 50, reads: ['POST /_query'] });
  const elastic = new Client({ node: 'https://a.test:9200', Transport: Hedged });
  const openSearch = new OpenSearchClient({ nodes: ['https://a.test:9200'], Transport: hedgedTransport(Transport) });
  const change = (info: HedgeInfo): void => {
    // @ts-expect-error results are read-only
    info.winner = 1;
  };
  return [
    client.get('/', { hedge: false }),
    client.get('/', { hedge: { delay: { sloMs: 100, at: [0.5] }, maxHedges: 2, when: ({ url }) => url.endsWith('/') } }),
    // @ts-expect-error a budget belongs to the Hedger
    client.get('/', { hedge: { budget: false } }),
    client.get('/', { hedge: { delay: { minimize: 0.99, maxMs: 100 } } }),
    // @ts-expect-error one kind of delay
    client.get('/', { hedge: { delay: { sloMs: 100, quantile: 0.9 } } }),
    // @ts-expect-error one kind of delay
    client.get('/', { hedge: { delay: { minimize: 0.99, quantile: 0.9 } } }),
    // @ts-expect-error not a delay
    client.get('/', { hedge: { delay: '50ms' } }),
    instance('/', { context: hedgeContext({ delay: 50 }) }),
    instance('/', { context: hedgeContext(false) }),
    // @ts-expect-error unknown option
    instance('/', { context: hedgeContext({ delayMs: 50 }) }),
    // @ts-expect-error a Hedger takes a ratio or a rate, not both half
    new Hedger({ budget: { requestsPerSecond: 5 } }),
    // @ts-expect-error unknown option
    hedgedAdapter({ hedging: true }),
    hedgingInterceptor({ hedger, methods: ['greet.Greeter/*'], delay: [10, 20], nonFatalStatusCodes: ['UNAVAILABLE', status.ABORTED] }),
    // @ts-expect-error no such status
    hedgingInterceptor({ nonFatalStatusCodes: ['LOST'] }),
    // @ts-expect-error a header says nothing about a remote procedure
    hedgingInterceptor({ idempotencyKey: true }),
    hedgedInterceptor({ hedger, methods: ['greet.Greeter/*'], nonFatalStatusCodes: ['Unavailable', Code.Aborted] }) satisfies Interceptor,
    // @ts-expect-error no such code
    hedgedInterceptor({ nonFatalStatusCodes: ['UNAVAILABLE'] }),
    // @ts-expect-error what is raced is given
    hedgedInterceptor({ raceUntil: 'body' }),
    createContextValues().set(hedgeKey, { delay: 50 }).set(hedgeKey, false),
    // @ts-expect-error a budget belongs to the Hedger
    createContextValues().set(hedgeKey, { budget: false }),
    { hedge: { delay: 50, methods: ['greet.Greeter/Greet'] } } satisfies CallOptions,
    { hedge: false } satisfies CallOptions,
    // @ts-expect-error a budget belongs to the Hedger
    { hedge: { budget: false } } satisfies CallOptions,
    { requestHandler: hedgedRequestHandler(new NodeHttpHandler(), { delay: 50, operations: ['DynamoDB.TransactGetItems'] }) } satisfies DynamoDBClientConfig,
    { abortSignal: AbortSignal.timeout(5), hedge: { delay: 50 } } satisfies HttpHandlerOptions,
    { hedge: false } satisfies HttpHandlerOptions,
    // @ts-expect-error a budget belongs to the Hedger
    { hedge: { budget: false } } satisfies HttpHandlerOptions,
    // @ts-expect-error a signature holds for one host
    hedgedRequestHandler(new NodeHttpHandler(), { targets: ['https://b.test'] }),
    // @ts-expect-error what is no handler
    hedgedRequestHandler({}),
    change,
    elastic.search({ index: 'a' }, { context: hedging({ delay: 50 }) }).then(({ hits }) => hits.hits),
    elastic.child({ context: hedging(false) }),
    openSearch.search({ index: 'a' }, { context: hedging({ delay: [10, 20], maxHedges: 2 }) }).then(({ body }) => body.hits),
    (): number => Hedged.hedger.stats().calls,
    // @ts-expect-error no class of a client
    hedgedTransport({}),
    // @ts-expect-error hedges go to the nodes of the client
    hedgedTransport(SniffingTransport, { targets: ['https://a.test'] }),
    // @ts-expect-error a budget belongs to the Hedger
    hedging({ budget: false }),
    fetch('https://a.test/', { hedge: { delay: 50 } }).then((response) => response.json()),
    undici,
    new Agent().compose(hedgeInterceptor({ delay: 50 })),
    // @ts-expect-error not a delay
    fetch('https://a.test/', { hedge: { delay: '50ms' } }),
    (): void => instrumentHedger(hedger),
    startCluster({ seed: 1 }).then(({ url }) => url),
    (): void => hedger.configure({ mode: 'shadow', delay: { quantile: 0.95 }, budget: { ratio: 0.02 } }),
    (): void => hedger.configure({ budget: false }),
    // @ts-expect-error only these may change at run time
    (): void => hedger.configure({ worth: 0 }),
    // @ts-expect-error not a mode
    (): void => hedger.configure({ mode: 'maybe' }),
    (): number => hedger.stats().ineligible.body_not_replayable,
    hedger.hedge('users.find', ({ signal }) => fetch('https://a.test/', { signal })).then((answer) => answer.ok),
    hedger.hedge('answer', () => 42).then((value: number) => value),
    hedger.hedge('pool', () => Promise.resolve({ end: (): void => undefined }), { release: (connection) => connection.end(), isAcceptable: ({ end }) => end.length === 0 }),
    hedger.hedge('report', () => 1, { signal: new AbortController().signal, hedge: { delay: 50, mode: 'shadow' } }),
    // @ts-expect-error options of hedging stand in `hedge`
    hedger.hedge('report', () => 1, { delay: 50 }),
    // @ts-expect-error an option about HTTP
    hedger.hedge('report', () => 1, { hedge: { methods: ['GET'] } }),
    // @ts-expect-error not what `start` resolves to
    hedger.hedge('report', () => 1, { release: (value: string) => value }),
    // @ts-expect-error not a reason
    'post' satisfies IneligibleReason,
    hedger.run({ request: { method: 'GET', url: 'http://a.test/' }, start: () => Promise.resolve(1) }).then((value: number) => value),
  ];
}
