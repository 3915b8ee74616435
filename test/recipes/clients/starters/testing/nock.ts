import assert from 'node:assert/strict';
import got from 'got';
import nock from 'nock';
import { createHedgePlugin, hedgeInfo } from '@hedgerow/got';

// One interceptor for each attempt: nock takes them in order.
nock('https://items.test').get('/items').delay(5_000).reply(200, [{ id: 0 }]);
nock('https://items.test').get('/items').reply(200, [{ id: 1 }]);

const client = got.extend(createHedgePlugin({ delay: 20, budget: false }));
const response = await client('https://items.test/items', { responseType: 'json' });
assert.deepEqual(response.body, [{ id: 1 }]);
assert.equal(hedgeInfo(response)?.isHedge, true);
nock.abortPendingRequests();
