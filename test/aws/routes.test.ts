import { describe, expect, it } from '@jest/globals';
import { hedgeInfo } from '@hedgerow/aws';
import { cbor, eager, form, json, rest, scope, type Asked } from './inner.js';

async function keyOf(request: Asked): Promise<string | undefined> {
  const { handle } = eager();
  return hedgeInfo((await handle(request)).response)?.key;
}

const DYNAMO = 'https://dynamodb.eu-west-1.amazonaws.com';

describe('the route of a request', () => {
  it('is its service, operation and table', async () => {
    expect(await keyOf(json('DynamoDB_20120810.GetItem', { TableName: 'users', Key: { id: { S: '1' } } }))).toBe(`POST ${DYNAMO}/DynamoDB/GetItem/users (headers)`);
    expect(await keyOf(json('DynamoDB_20120810.Query', { KeyConditionExpression: 'a = "TableName":', TableName: 'arn:aws:dynamodb:eu-west-1:1:table/x' }))).toContain('/DynamoDB/Query/arn:aws');
    expect(await keyOf(json('DynamoDB_20120810.BatchGetItem', { RequestItems: { users: { Keys: [] }, other: {} } }))).toContain('/DynamoDB/BatchGetItem/users (');
    expect(await keyOf({ ...json('DynamoDB_20120810.GetItem'), body: new TextEncoder().encode('{"TableName":"bytes"}') })).toContain('/GetItem/bytes (');
    expect(await keyOf(json('AmazonSSM.GetParameter', { Name: 'n' }))).toContain('/SSM/GetParameter (');
    expect(await keyOf(cbor('GraniteServiceVersion20100801', 'GetMetricData'))).toContain('/CloudWatch/GetMetricData (');
    expect(await keyOf(form('Action=GetCallerIdentity&Version=2011-06-15'))).toContain('/STS/GetCallerIdentity (');
  });

  it('is not mistaken by values that look like the name of a table', async () => {
    const key = { id: { S: '"TableName":"spoof"' } };
    expect(await keyOf(json('DynamoDB_20120810.GetItem', { Key: key, TableName: 'users' }))).toContain('/GetItem/users (');
  });

  it('keeps tables of one endpoint apart, one request after the other', async () => {
    const { handle } = eager();
    const keyFor = async (table: string): Promise<unknown> => hedgeInfo((await handle(json('DynamoDB_20120810.GetItem', { TableName: table }))).response)?.key;
    expect([await keyFor('a'), await keyFor('b'), await keyFor('a')]).toEqual(['a', 'b', 'a'].map((table) => `POST ${DYNAMO}/DynamoDB/GetItem/${table} (headers)`));
  });

  it('does without a table that is far behind, or longer than a name', async () => {
    expect(await keyOf(json('DynamoDB_20120810.GetItem', { Key: 'x'.repeat(5_000), TableName: 'users' }))).toContain('/DynamoDB/GetItem (');
    expect(await keyOf(json('DynamoDB_20120810.GetItem', { TableName: 'x'.repeat(300) }))).toContain('/DynamoDB/GetItem (');
  });

  it('is the operation and the bucket for S3, and never the key', async () => {
    const s3 = (path: string, more: Asked = {}): Asked => rest(path, { hostname: 'pics.s3.eu-west-1.amazonaws.com', query: { 'x-id': 'GetObject' }, ...more });
    expect(await keyOf(s3('/2024/cat.jpg'))).toBe('GET https://pics.s3.eu-west-1.amazonaws.com/S3/GetObject/pics (headers)');
    expect(await keyOf(s3('/a', { query: {} }))).toContain('/S3/GetObject/pics (');
    expect(await keyOf(s3('/a', { query: { acl: '' } }))).toContain('/S3/GET?acl/pics (');
    expect(await keyOf(s3('/', { query: { 'list-type': '2' } }))).toContain('/S3/ListObjects/pics (');
    expect(await keyOf(s3('/a', { method: 'HEAD', query: {} }))).toContain('/S3/HeadObject/pics (');
    expect(await keyOf(s3('/pics/a/b', { hostname: 's3.eu-west-1.amazonaws.com' }))).toContain('/S3/GetObject/pics (');
    expect(await keyOf(s3('/pics/a/b', { hostname: 'localhost', port: 9000, headers: { authorization: scope('s3') } }))).toContain('https://localhost:9000/S3/GetObject/pics (');
  });

  it('is the path of any other service, without its ids and its query', async () => {
    expect(await keyOf(rest('/2015-03-31/functions/4711', { query: { Qualifier: 'x' } }))).toBe('GET https://lambda.eu-west-1.amazonaws.com/:id/functions/:id (headers)');
  });

  it('stays what it is under a Hedger that describes the requests of other clients', async () => {
    const { handle } = eager({ describe: () => undefined });
    const described = eager({ describe: () => ({ operation: 'own' }) });
    const request = json('DynamoDB_20120810.GetItem', { TableName: 'users' });
    expect(hedgeInfo((await handle(request)).response)?.key).toContain('/DynamoDB/GetItem/users (');
    expect(hedgeInfo((await described.handle(request)).response)?.key).toContain('/DynamoDB/GetItem/users own (');
  });

  it('survives what nobody sends', async () => {
    const { inner, handle } = eager();
    await handle({});
    await handle(rest('/a', { query: { a: '\ud800', b: null, c: ['1', '2'] } }));
    expect(inner.handled).toHaveLength(4);
  });
});
