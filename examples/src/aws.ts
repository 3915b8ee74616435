/** The AWS SDK: GetItem is hedged, PutItem is not; a look-alike of DynamoDB on this machine answers. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { hedgedRequestHandler, hedgeInfo, hedgeInfoPlugin } from '@hedgerow/aws';
import { NodeHttpHandler } from '@smithy/node-http-handler';

// Every other request takes long.
let received = 0;
const server = createServer((_request, response) => {
  const isSlow = received++ % 2 === 0;
  void sleep(isSlow ? 200 : 2).then(() => response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end('{"Item":{"id":{"S":"42"},"name":{"S":"Ada"}}}'));
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

const client = new DynamoDBClient({
  endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  requestHandler: hedgedRequestHandler(new NodeHttpHandler(), { delay: 20 }),
});
client.middlewareStack.use(hedgeInfoPlugin);

async function timed(what: string, call: () => Promise<object>): Promise<void> {
  const startedAtMs = performance.now();
  const before = received;
  const info = hedgeInfo(await call());
  const why = info?.ineligibleReason === undefined ? '' : `, not hedged: ${info.ineligibleReason}`;
  console.log(`${what}: ${Math.round(performance.now() - startedAtMs)} ms, ${received - before} requests, answered by attempt ${info?.winner}${why}`);
}

const read = new GetItemCommand({ TableName: 'users', Key: { id: { S: '42' } } });
await timed('GetItem', () => client.send(read));
await timed('PutItem', () => client.send(new PutItemCommand({ TableName: 'users', Item: { id: { S: '42' } } })));
received = 0;
await timed('GetItem, for once not hedged', () => client.send(read, { hedge: false }));

client.destroy();
server.close();
server.closeAllConnections();
