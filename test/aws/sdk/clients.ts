import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { hedgedRequestHandler, type AwsHedgeOptions } from '@hedgerow/aws';
import { startScriptedServer, type Answer, type ReceivedRequest, type ScriptedServer } from '../../support/scripted-server.js';

export const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };
export const KEY = { TableName: 'users', Key: { id: { S: '4711' } } };

/** How a test asks: as without us, or with a copy of every read, at once. */
export type Way = 'plain' | 'hedged';
export const WAYS: readonly Way[] = ['plain', 'hedged'];
/** How often the server gets each try. */
export const COPIES: Readonly<Record<Way, number>> = { plain: 1, hedged: 2 };

/** The SDK's own client of DynamoDB. */
function clientOf(origin: string, way: Way, config: DynamoDBClientConfig = {}, options: AwsHedgeOptions = { delay: 0 }): DynamoDBClient {
  const handler = new NodeHttpHandler();
  const requestHandler = way === 'plain' ? handler : hedgedRequestHandler(handler, { budget: false, efficacy: false, telemetry: false, ...options });
  const credentials = { accessKeyId: 'AK', secretAccessKey: 'SK' };
  return new DynamoDBClient({ region: 'eu-west-1', endpoint: origin, credentials, requestHandler, ...config });
}

/** A service for the tests of a file, and clients of it that end with their test. */
export interface Service {
  readonly server: ScriptedServer;
  open(way: Way, config?: DynamoDBClientConfig, options?: AwsHedgeOptions): DynamoDBClient;
}

export function useService(): Service {
  let server: ScriptedServer;
  const clients: DynamoDBClient[] = [];
  beforeAll(async () => void (server = await startScriptedServer()));
  afterAll(() => server.close());
  afterEach(() => {
    server.script(undefined);
    for (const client of clients.splice(0)) client.destroy();
  });
  return {
    get server() {
      return server;
    },
    open(...args) {
      const client = clientOf(server.origin, ...args);
      clients.push(client);
      return client;
    },
  };
}

/** What DynamoDB says of a request that it refuses. */
export function refusal(type: string, status = 400): Answer {
  return { status, headers: JSON_TYPE, body: JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, message: type }) };
}

/** Which call of the client a request belongs to. */
export function callOf({ headers }: ReceivedRequest): string {
  return String(headers['amz-sdk-invocation-id']);
}

/** Which try of the SDK it belongs to. */
export function tryOf(request: ReceivedRequest): string {
  return `${callOf(request)} ${String(request.headers['amz-sdk-request'])}`;
}

/** All that its signature was made over, and the signature. */
export async function signedPartOf({ headers, method, path, body }: ReceivedRequest): Promise<string> {
  const authorization = String(headers.authorization);
  const [, names = ''] = /SignedHeaders=([^,]+)/.exec(authorization) ?? [];
  return JSON.stringify([authorization, method, path, ...names.split(';').map((name) => [name, headers[name]]), String(await body)]);
}

/** Answers each try when all its copies have come. */
export function together(way: Way, answer: (request: ReceivedRequest) => void): (request: ReceivedRequest) => void {
  const copies = new Map<string, ReceivedRequest[]>();
  return (request) => {
    const all = [...(copies.get(tryOf(request)) ?? []), request];
    copies.set(tryOf(request), all);
    if (all.length === COPIES[way]) for (const each of all) answer(each);
  };
}

/** How often each try came, in order, and whether its copies are alike in all that is signed. */
export async function triesOf(requests: readonly ReceivedRequest[]): Promise<{ readonly times: readonly number[]; readonly areAlike: boolean }> {
  const tries = new Map<string, string[]>();
  for (const request of requests) {
    const copies = tries.get(tryOf(request)) ?? [];
    tries.set(tryOf(request), [...copies, await signedPartOf(request)]);
  }
  const all = [...tries.values()];
  return { times: all.map((copies) => copies.length), areAlike: all.every((copies) => new Set(copies).size === 1) };
}

/** What came of a call, as its user sees it. */
export async function outcomeOf(call: Promise<{ readonly $metadata: { readonly attempts?: number | undefined } }>): Promise<string> {
  try {
    return `answered after ${(await call).$metadata.attempts} tries`;
  } catch (error) {
    const { name, $metadata } = error as { readonly name: string; readonly $metadata?: { readonly attempts?: number } };
    return `${name} after ${$metadata?.attempts} tries`;
  }
}
