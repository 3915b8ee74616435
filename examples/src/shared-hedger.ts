/** axios and got over one Hedger: one budget, one memory of latencies. */
import axios from 'axios';
import got from 'got';
import { hedgedAdapter } from '@hedgerow/axios';
import { Hedger } from '@hedgerow/core';
import { createHedgePlugin } from '@hedgerow/got';
import { startCluster } from 'hedgerow';

const CALLS = 500;

await using cluster = await startCluster({ isolated: true });

// Both clients together may add at most one request to twenty.
using hedger = new Hedger({ budget: { ratio: 0.05 } });
const viaAxios = axios.create({ baseURL: cluster.url, adapter: hedgedAdapter({ hedger }) });
const viaGot = got.extend({ prefixUrl: cluster.url }, createHedgePlugin({ hedger }));

for (let call = 0; call < CALLS; call++) {
  await Promise.all([viaAxios.get('/prices'), viaGot.get('prices').json()]);
}

const { attempts, eligible, hedged, suppressions, wins } = hedger.stats();
const { balancer } = await cluster.settled();
console.log(`${eligible} calls, half by axios and half by got`);
console.log(`${hedged} were hedged (${((hedged / eligible) * 100).toFixed(1)} %), ${wins.hedge} of them were answered by the hedge`);
console.log(`${suppressions.budget_exhausted} hedges were due and refused by the budget`);
console.log(`attempts ${attempts.primary + attempts.hedge}, received by the servers ${balancer.received}\n`);

// axios waits for whole bodies where got waits for headers, so each has a distribution of its own.
for (const { key, samples, delayMs } of hedger.routes()) {
  console.log(`${key}: ${samples} samples, hedged after ${delayMs?.toFixed(1) ?? '?'} ms`);
}
