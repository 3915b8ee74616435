import assert from 'node:assert/strict';
import FakeTimers from '@sinonjs/fake-timers';
import { hedgedFetch, hedgeInfo } from '@hedgerow/fetch';

const clock = FakeTimers.install({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });

let requests = 0;
const network = (_url: string): Promise<Response> =>
  ++requests === 1 ? new Promise(() => undefined) : Promise.resolve(Response.json([{ id: 1 }])); // the primary never answers
const fetch = hedgedFetch(network, { delay: 50, budget: false });

const answer = fetch('https://items.test/items');
clock.tick(49);
assert.equal(requests, 1);
clock.tick(1);
assert.equal(hedgeInfo(await answer)?.winner, 1);
clock.uninstall();
