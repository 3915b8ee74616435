import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { hedgedRequestHandler, hedgeInfo, hedgeInfoPlugin } from '@hedgerow/aws';
import { NodeHttpHandler } from '@smithy/node-http-handler';

export async function call({ url }) {
  const requestHandler = hedgedRequestHandler(new NodeHttpHandler(), { delay: 20, budget: false });
  const credentials = { accessKeyId: 'a', secretAccessKey: 's' };
  const client = new DynamoDBClient({ region: 'eu-west-1', endpoint: `${url}/aws`, credentials, requestHandler });
  client.middlewareStack.use(hedgeInfoPlugin);
  try {
    return hedgeInfo(await client.send(new GetItemCommand({ TableName: 'things', Key: { id: { S: '1' } } })));
  } finally {
    client.destroy();
  }
}
