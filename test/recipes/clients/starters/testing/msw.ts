import assert from 'node:assert/strict';
import { http, HttpResponse, delay } from 'msw';
import { setupServer } from 'msw/node';
import { hedgedFetch, hedgeInfo } from '@hedgerow/fetch';

let requests = 0;
const server = setupServer(
  http.get('https://items.test/items', async () => {
    if (++requests === 1) await delay(5_000); // the primary is the slow one
    return HttpResponse.json([{ id: 1 }]);
  }),
);
server.listen();

const fetch = hedgedFetch({ delay: 20, budget: false });
const response = await fetch('https://items.test/items');
assert.deepEqual(await response.json(), [{ id: 1 }]);
assert.equal(hedgeInfo(response)?.winner, 1);
assert.equal(requests, 2);
server.close();
