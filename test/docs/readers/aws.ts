/** What readers of the guide to the AWS SDK have already. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { hedgedRequestHandler } from '@hedgerow/aws';
import { NodeHttpHandler } from '@smithy/node-http-handler';

export const client: DynamoDBClient = new DynamoDBClient({
  endpoint: process.env.SEARCH_URL ?? '',
  region: 'eu-west-1',
  credentials: { accessKeyId: 'none', secretAccessKey: 'none' },
  requestHandler: hedgedRequestHandler(new NodeHttpHandler()),
});
