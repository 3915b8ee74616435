import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Hedger, hedgeInfo } from '@hedgerow/aws';
import { cbor, eager, form, json, rest, scope, type Asked } from './inner.js';

async function sent(request: Asked, options: Parameters<typeof eager>[0] = {}, given?: object): Promise<number> {
  const { inner, handle } = eager(options);
  await handle(request, given);
  return inner.handled.length;
}

describe('what is sent twice', () => {
  it.each([
    ['GetItem', json('DynamoDB_20120810.GetItem')],
    ['Query', json('DynamoDB_20120810.Query')],
    ['Scan', json('DynamoDB_20120810.Scan')],
    ['BatchGetItem', json('DynamoDB_20120810.BatchGetItem')],
    ['DescribeEndpoints', json('DynamoDB_20120810.DescribeEndpoints')],
    ['GetParametersByPath', json('AmazonSSM.GetParametersByPath')],
    ['GetSecretValue', json('secretsmanager.GetSecretValue')],
    ['Decrypt', json('TrentService.Decrypt')],
    ['GetQueueUrl', json('AmazonSQS.GetQueueUrl')],
    ['GetItem with its header in another case', { ...json(''), headers: { 'X-Amz-Target': 'DynamoDB_20120810.GetItem' } }],
    ['GetItem in bytes', { ...json('DynamoDB_20120810.GetItem'), body: new TextEncoder().encode('{"TableName":"t"}') }],
    ['GetItem by CBOR', cbor('DynamoDB_20120810', 'GetItem')],
    ['GetMetricData by CBOR', cbor('GraniteServiceVersion20100801', 'GetMetricData')],
    ['GetCallerIdentity in a form', form('Action=GetCallerIdentity&Version=2011-06-15')],
    ['GetTopicAttributes in a form, its action at the end', form('TopicArn=a%26Action%3DPublish&Version=2010-03-31&Action=GetTopicAttributes')],
    ['GetCallerIdentity in a URL', rest('/', { query: { Action: 'GetCallerIdentity', Version: '2011-06-15' } })],
    ['a GET', rest('/2015-03-31/functions/f')],
    ['a HEAD', rest('/k', { method: 'HEAD' })],
    ['an object of S3 whose key looks like what is asked for once', rest('/configuration', { hostname: 'b.s3.eu-west-1.amazonaws.com' })],
  ])('is %s', async (_name, request) => {
    expect(await sent(request)).toBe(2);
  });

  it.each([
    ['PutItem', json('DynamoDB_20120810.PutItem')],
    ['BatchWriteItem', json('DynamoDB_20120810.BatchWriteItem')],
    ['TransactWriteItems', json('DynamoDB_20120810.TransactWriteItems')],
    ['TransactGetItems, unless it is named', json('DynamoDB_20120810.TransactGetItems')],
    ['ExecuteStatement, which reads or writes', json('DynamoDB_20120810.ExecuteStatement', { Statement: 'SELECT * FROM t' })],
    ['ReceiveMessage, which hides messages', json('AmazonSQS.ReceiveMessage')],
    ['GetRecords, of which a shard answers five a second', json('Kinesis_20131202.GetRecords')],
    ['GenerateDataKey', json('TrentService.GenerateDataKey')],
    ['a read by the name of another service', json('AmazonSQS.GetItem')],
    ['a target without a service', json('GetItem')],
    ['PutItem by CBOR', cbor('DynamoDB_20120810', 'PutItem')],
    ['CBOR below a path that names no operation', { ...cbor('DynamoDB_20120810', 'GetItem'), path: '/service/DynamoDB_20120810/operation/GetItem/x' }],
    ['Publish in a form', form('Action=Publish&Version=2010-03-31')],
    ['AssumeRole', form('Action=AssumeRole&Version=2011-06-15')],
    ['a read of a version that is not known', form('Action=GetCallerIdentity&Version=2050-01-01')],
    ['a form with two actions', form('Action=GetCallerIdentity&Version=2011-06-15&Action=AssumeRole')],
    ['a form with an action in escapes', form('Action=GetCallerIdentity%20&Version=2011-06-15')],
    ['a form that also has an action in its URL', { ...form('Action=GetCallerIdentity&Version=2011-06-15'), query: { Action: 'AssumeRole', Version: '2011-06-15' } }],
    ['a form that is a stream', { ...form(''), body: Readable.from(['Action=GetCallerIdentity&Version=2011-06-15']) }],
    ['a write in a URL, by GET', rest('/', { query: { Action: 'SendMessage', Version: '2012-11-05' } })],
    ['a POST of a REST service', rest('/2015-03-31/functions/f/invocations', { method: 'POST', body: '{}' })],
    ['a PUT', rest('/k', { method: 'PUT', body: 'x' })],
    ['a DELETE', rest('/k', { method: 'DELETE' })],
    ['a GET with a stream', rest('/k', { body: Readable.from(['x']) })],
    ['a read with a stream', { ...json('DynamoDB_20120810.GetItem'), body: Readable.from(['{}']) }],
    ['a configuration by a token that is valid once', rest('/configuration', { query: { configuration_token: 't' } })],
    ['the confirmation of a destination', rest('/confirmdestination/t')],
    ['an address to embed, whose code is valid once', rest('/accounts/1/dashboards/2/embed-url')],
  ] as [string, Asked][])('is not %s', async (_name, request) => {
    expect(await sent(request)).toBe(1);
  });

  it('is no operation that is not on the list, however it is called', async () => {
    const words = fc.constantFrom('Put', 'Get', 'Update', 'Query', 'Transact', 'Write', 'Items', 'Item', 'Batch', 'Delete', 'Execute', 'Statement', 'Message', 'Receive', 'Describe', 'Table');
    const reads = new Set(['GetItem', 'Query', 'BatchGetItem', 'DescribeTable']);
    await fc.assert(
      fc.asyncProperty(fc.array(words, { minLength: 1, maxLength: 4 }), fc.constantFrom('DynamoDB_20120810', 'dynamodb_20120810', 'DynamoDB'), async (parts, prefix) => {
        const name = parts.join('');
        expect(await sent(json(`${prefix}.${name}`))).toBe(prefix === 'DynamoDB_20120810' && reads.has(name) ? 2 : 1);
      }),
      { numRuns: 500 },
    );
  });

  it('is what the user names, by what it is called', async () => {
    const operations = ['dynamodb.TransactGetItems', 'AWSShineFrontendService.TranslateText', 'elasticache.DescribeCacheClusters'];
    expect(await sent(json('DynamoDB_20120810.TransactGetItems'), { operations })).toBe(2);
    expect(await sent(json('AWSShineFrontendService_20170701.TranslateText'), { operations })).toBe(2);
    expect(await sent(form('Action=DescribeCacheClusters&Version=2015-02-02', { authorization: scope('elasticache') }), { operations })).toBe(2);
    expect(await sent({ ...form('Action=DescribeCacheClusters&Version=2015-02-02'), hostname: 'elasticache.eu-west-1.amazonaws.com' }, { operations })).toBe(2);
    expect(await sent(form('Action=DescribeCacheClusters&Version=2015-02-02'), { operations })).toBe(1);
    expect(await sent(json('DynamoDB_20120810.TransactWriteItems'), { operations })).toBe(1);
  });

  it('obeys `when`, `maxReplayBytes`, `mode` and `methods`, which is about REST services', async () => {
    const read = json('DynamoDB_20120810.GetItem', { TableName: 'users' });
    expect(await sent(read, { when: ({ routeName }) => routeName !== '/DynamoDB/GetItem/users' })).toBe(1);
    expect(await sent(read, { maxReplayBytes: 5 })).toBe(1);
    expect(await sent(read, { mode: 'off' })).toBe(1);
    expect(await sent(read, { methods: ['HEAD'] })).toBe(2);
    expect(await sent(rest('/k'), { methods: ['HEAD'] })).toBe(1);
    expect(await sent(rest('/k', { method: 'DELETE' }), { methods: ['DELETE'] })).toBe(2);
    expect(await sent(rest('/k', { method: 'DELETE' }), {}, { hedge: { methods: ['DELETE'] } })).toBe(2);
  });

  it('is no write, whatever a shared Hedger allows other clients', async () => {
    const hedger = new Hedger({ methods: ['POST', 'PUT'], idempotencyKey: true, delay: 0, budget: false });
    expect(await sent({ ...json('DynamoDB_20120810.PutItem'), headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem', 'idempotency-key': 'k' } }, { hedger, delay: 0, budget: undefined })).toBe(1);
    expect(await sent(rest('/f', { method: 'POST', body: '{}' }), { hedger, budget: undefined })).toBe(1);
    expect(await sent(rest('/f', { method: 'PUT', body: '{}' }), { hedger, budget: undefined })).toBe(2);
  });

  it('is told, with the reason why not', async () => {
    const { handle } = eager();
    const reasonOf = async (request: Asked, given?: object): Promise<unknown> => hedgeInfo((await handle(request, given)).response)?.ineligibleReason;
    expect(await reasonOf(json('DynamoDB_20120810.PutItem'))).toBe('method');
    expect(await reasonOf(rest('/configuration'))).toBe('method');
    expect(await reasonOf(rest('/k', { body: Readable.from(['x']) }))).toBe('body_not_replayable');
    expect(await reasonOf(rest('/k'), { hedge: false })).toBe('disabled');
    expect(await reasonOf(rest('/k'), { abortSignal: { aborted: false, onabort: null } })).toBe('unsupported');
  });
});
