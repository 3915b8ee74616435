import assert from 'node:assert/strict';
import axios from 'axios';
import MockAdapter from 'axios-mock-adapter';
import { hedgedAdapter, hedgeInfo } from '@hedgerow/axios';

// The mock stands where the network is: below hedging.
const mock = new MockAdapter(axios.create() as never); // whose types take axios of an ES module for another
const client = axios.create({ adapter: hedgedAdapter({ delay: 20, budget: false, adapter: mock.adapter() }) });

let requests = 0;
mock.onGet('/items').reply(async () => {
  const number = ++requests;
  if (number === 1) await new Promise((resolve) => setTimeout(resolve, 5_000).unref()); // the primary is the slow one
  return [200, [{ id: number }]];
});

const response = await client.get('/items');
assert.deepEqual(response.data, [{ id: 2 }]);
assert.equal(hedgeInfo(response)?.attempts, 2);
