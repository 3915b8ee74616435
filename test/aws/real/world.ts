import { hedgedRequestHandler, hedgeInfoPlugin, Hedger, type AnyRequestHandler } from '@hedgerow/aws';
import { load, make, makeClient, waiterOf, type SdkClient } from './sdk.js';
import { StallingProxy } from './stalling-proxy.js';

/** Later than a hedge, by far. */
const HEDGE_AFTER_MS = 10;

interface Listening {
  listen(port: number, host: string, listening: () => void): void;
  address(): { readonly port: number };
  close(): void;
}

interface Bucket {
  run(): Promise<{ readonly port: number }>;
  close(): Promise<void>;
}

/** AWS's clients, hedged and plain, before look-alikes of DynamoDB (dynalite) and S3 (s3rver), each behind a proxy that can stall. */
export interface World {
  readonly dynamodb: object;
  readonly s3: object;
  readonly hedger: Hedger;
  readonly database: StallingProxy;
  readonly objects: StallingProxy;
  readonly client: (of: 'dynamodb' | 's3', isHedged: boolean, more?: object) => SdkClient;
  close(): Promise<void>;
}

export const TABLE = 'users';
export const BUCKET = 'pictures';

export async function startWorld(folder: string): Promise<World> {
  const [dynamodb, s3, node, { default: dynalite }, { default: S3rver }] = await Promise.all([
    load<object>('@aws-sdk/client-dynamodb'),
    load<object>('@aws-sdk/client-s3'),
    load<object>('@smithy/node-http-handler'),
    load<{ readonly default: (options: object) => Listening }>('dynalite'),
    load<{ readonly default: new (options: object) => Bucket }>('s3rver'),
  ]);
  const tables = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => tables.listen(0, '127.0.0.1', resolve));
  const bucket = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: folder, resetOnClose: true });
  const proxies = { dynamodb: new StallingProxy(tables.address().port), s3: new StallingProxy((await bucket.run()).port) };
  const endpoints = { dynamodb: await proxies.dynamodb.listen(), s3: await proxies.s3.listen() };
  const hedger = new Hedger({ delay: HEDGE_AFTER_MS, budget: false, efficacy: false, maxConcurrentHedges: 1_000 });
  const clients: SdkClient[] = [];

  const world: World = {
    dynamodb,
    s3,
    hedger,
    database: proxies.dynamodb,
    objects: proxies.s3,
    client(of, isHedged, more = {}) {
      const handler = make(node, 'NodeHttpHandler', { httpAgent: { maxSockets: 200 } }) as AnyRequestHandler;
      const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };
      const requestHandler = isHedged ? hedgedRequestHandler(handler, { hedger }) : handler;
      const settings = { region: 'us-east-1', endpoint: endpoints[of], credentials, requestHandler, ...(of === 's3' && { forcePathStyle: true }), ...more };
      const client = makeClient(world[of], of === 's3' ? 'S3Client' : 'DynamoDBClient', settings);
      client.middlewareStack.use(hedgeInfoPlugin);
      clients.push(client);
      return client;
    },
    async close() {
      for (const client of clients) client.destroy();
      for (const proxy of Object.values(proxies)) proxy.close();
      tables.close();
      await bucket.close();
    },
  };
  await furnish(world);
  return world;
}

async function furnish(world: World): Promise<void> {
  const { dynamodb, s3 } = world;
  const client = world.client('dynamodb', true);
  const schema = {
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }, { AttributeName: 'rank', KeyType: 'RANGE' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }, { AttributeName: 'rank', AttributeType: 'N' }],
    ProvisionedThroughput: { ReadCapacityUnits: 1_000, WriteCapacityUnits: 1_000 },
  };
  await client.send(make(dynamodb, 'CreateTableCommand', { TableName: TABLE, ...schema }));
  await waiterOf(dynamodb, 'waitUntilTableExists')({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { TableName: TABLE });
  await world.client('s3', true).send(make(s3, 'CreateBucketCommand', { Bucket: BUCKET }));
}
