/** axios: hedging without any configuration, and how to see what it did to a call. */
import axios from 'axios';
import { hedgedAdapter, hedgeInfo } from '@hedgerow/axios';
import { startCluster } from 'hedgerow';

const CALLS = 400;

// Three servers behind a balancer; one request in twenty takes ten times longer than the usual 5 ms.
await using cluster = await startCluster({ isolated: true });

const client = axios.create({ baseURL: cluster.url, adapter: hedgedAdapter() });

let saved = 0;
for (let call = 1; call <= CALLS; call++) {
  const response = await client.get<{ backend: number }>('/items/42');
  const info = hedgeInfo(response);
  if (info?.isHedge !== true) continue;
  saved++;
  const { durationMs, delayMs = 0 } = info;
  console.log(
    `call ${call}: no answer after ${delayMs.toFixed(1)} ms, so a copy was sent; ` +
      `backend ${response.data.backend} answered it ${durationMs.toFixed(1)} ms after the start`,
  );
}

const { balancer } = await cluster.settled();
console.log(`
${saved} of ${CALLS} calls were answered by a copy. The servers received ${balancer.received} requests, ${balancer.received - CALLS} more than calls were made.
The first calls were never hedged: hedgerow first learns how long a route usually takes.`);
