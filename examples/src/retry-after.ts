/** Retry-After: a server that asks for patience gets no copies until the time it named. */
import { setTimeout as sleep } from 'node:timers/promises';
import axios from 'axios';
import { Hedger, hedgedAdapter, hedgeInfo } from '@hedgerow/axios';
import { startCluster } from 'hedgerow';

await using cluster = await startCluster({ isolated: true });

using hedger = new Hedger({ delay: 10 });
const client = axios.create({ baseURL: cluster.url, adapter: hedgedAdapter({ hedger }), validateStatus: () => true });

async function call(path: string): Promise<void> {
  const response = await client.get(path);
  const info = hedgeInfo(response);
  const why = info?.suppressionReason === undefined ? '' : `, a hedge was due and not sent: ${info.suppressionReason}`;
  console.log(`GET ${path}: status ${response.status}, attempts ${info?.attempts}${why}`);
}

console.log('A slow answer is hedged:');
await call('/report?ms=40');

console.log('\nThe server says 429 and Retry-After: 1, so for a second nothing is hedged:');
await call('/report?ms=0&status=429&retryAfter=1');
await call('/report?ms=40');
await call('/report?ms=40');

console.log('\nA little more than a second later:');
await sleep(1100);
await call('/report?ms=40');

console.log(`\nSuppressed because of pushback: ${hedger.stats().suppressions.pushback}`);
