import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { Code, createContextValues, type Interceptor } from '@connectrpc/connect';
import { Client, SniffingTransport } from '@elastic/elasticsearch';
import { status, type CallOptions } from '@grpc/grpc-js';
import axios, { type AxiosResponse } from 'axios';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { hedgedRequestHandler, hedgeInfoPlugin } from '@hedgerow/aws';
import { hedgedAdapter, hedgeInfo as axiosInfo } from '@hedgerow/axios';
import { hedgedInterceptor, hedgeKey } from '@hedgerow/connect';
import { Hedger, hedgeInfo, isHedge, type HedgeInfo } from '@hedgerow/core';
import { graphql } from '@hedgerow/core/describe';
import { hedgedTransport, hedging } from '@hedgerow/elastic';
import { hedgedFetch } from '@hedgerow/fetch';
import { hedgingInterceptor } from '@hedgerow/grpc';
import { instrumentHedger } from '@hedgerow/opentelemetry';

const hedger = new Hedger({ delay: { quantile: 0.9, minMs: 2 }, budget: { ratio: 0.05 } });
instrumentHedger(hedger, { name: 'search' });

export async function withAxios(): Promise<AxiosResponse<string> | undefined> {
  const client = axios.create({ adapter: hedgedAdapter({ hedger }), hedge: { delay: 50 } });
  const response = await client.get<string>('/', { hedge: { delay: [10, 20], when: ({ url }) => url.endsWith('/') } });
  await axios.get('/', { hedge: false, adapter: hedgedAdapter() });
  // @ts-expect-error not a delay
  await axios.get('/', { hedge: { delay: '50ms' } });
  // @ts-expect-error unknown option
  await client.get('/', { hedge: { delayMs: 50 } });
  // @ts-expect-error a budget belongs to the Hedger
  await client.get('/', { hedge: { budget: false } });
  const info: HedgeInfo | undefined = axiosInfo(response);
  return info?.isHedge === true ? response : undefined;
}

export async function withFetch(): Promise<number> {
  const fetch = hedgedFetch({ hedger });
  const response = await fetch('https://a.test/', { hedge: { delay: 50, raceUntil: 'firstChunk' } });
  // @ts-expect-error unknown option
  await fetch('https://a.test/', { hedge: { delayMs: 50 } });
  return isHedge(response) ? response.status : 0;
}

export const interceptor = hedgingInterceptor({ hedger, methods: ['greet.Greeter/*'], nonFatalStatusCodes: ['UNAVAILABLE', status.ABORTED] });
// @ts-expect-error no such status
export const wrong = hedgingInterceptor({ nonFatalStatusCodes: ['LOST'] });
export const options: CallOptions = { hedge: { delay: 50 } };
// @ts-expect-error not a delay
export const wrongOptions: CallOptions = { hedge: { delay: '50ms' } };

export const connected: Interceptor = hedgedInterceptor({ hedger, methods: ['greet.Greeter/*'], nonFatalStatusCodes: ['Unavailable', Code.Aborted] });
// @ts-expect-error no such code
export const wrongCodes = hedgedInterceptor({ nonFatalStatusCodes: ['UNAVAILABLE'] });
export const values = createContextValues().set(hedgeKey, { delay: 50 });
// @ts-expect-error a budget belongs to the Hedger
export const wrongValues = createContextValues().set(hedgeKey, { budget: false });

export async function withElastic(): Promise<unknown> {
  const client = new Client({ node: 'https://a.test', Transport: hedgedTransport(SniffingTransport, { hedger, reads: ['POST /_query'] }) });
  // @ts-expect-error hedges go to the nodes of the client
  hedgedTransport(SniffingTransport, { targets: ['https://b.test'] });
  return await client.search({ index: 'things' }, { context: hedging({ delay: 50 }) });
}

export async function withAws(): Promise<unknown> {
  const client = new DynamoDBClient({ requestHandler: hedgedRequestHandler(new NodeHttpHandler(), { hedger, operations: ['DynamoDB.TransactGetItems'] }) });
  client.middlewareStack.use(hedgeInfoPlugin);
  const command = new GetItemCommand({ TableName: 'things', Key: { id: { S: '1' } } });
  // @ts-expect-error not a delay
  await client.send(command, { hedge: { delay: '50ms' } });
  return (await client.send(command, { hedge: { delay: 50 } })).Item;
}

export const described = hedgedFetch({ describe: graphql() });
// @ts-expect-error unknown option
export const wrongDescribed = graphql({ queries: true });

export async function withHedger(): Promise<number> {
  const answer: { count: number } = await hedger.run({
    request: { method: 'GET', url: 'https://a.test/' },
    start: ({ signal }) => Promise.resolve({ count: signal.aborted ? 0 : 1 }),
  });
  const info = hedgeInfo(answer);
  // @ts-expect-error results are read-only
  if (info) info.attempts = 1;
  return answer.count + hedger.stats().hedged;
}
// @ts-expect-error not an option
export const wrongHedger = new Hedger({ delayMs: 50 });
