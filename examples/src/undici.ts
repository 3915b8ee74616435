/** undici: an interceptor for its dispatchers, so that `request`, `stream` and `fetch` over them are hedged. */
import { Hedger, hedgeInfo, hedgeInterceptor, type HedgeInit } from '@hedgerow/fetch';
import { startCluster } from 'hedgerow';
import { Agent, fetch, interceptors, request } from 'undici';

const CALLS = 300;

await using cluster = await startCluster({ isolated: true });

using hedger = new Hedger({ delay: 15 });
const agent = new Agent();
// What comes later goes around it: retries and redirects see one call, and each of their requests is a newly hedged one.
const dispatcher = agent.compose(hedgeInterceptor({ hedger }), interceptors.retry(), interceptors.redirect({ maxRedirections: 5 }));

for (let call = 1; call <= CALLS; call++) {
  const response = await request(`${cluster.url}/items/42`, { dispatcher });
  const { backend } = (await response.body.json()) as { backend: number };
  const { isHedge, durationMs = 0 } = hedgeInfo(response) ?? {};
  if (isHedge) console.log(`call ${call}: backend ${backend} answered a copy, ${durationMs.toFixed(1)} ms after the start`);
}
const { attempts, wins } = hedger.stats();
console.log(`\n${attempts.hedge} of ${CALLS} calls were slower than 15 ms and got a copy, ${wins.hedge} were answered by it.`);

// One request may have options of its own; undici's types do not know of them, so they are spread.
const unhedged: HedgeInit = { hedge: false };
const once = await request(`${cluster.url}/items/42?ms=40`, { dispatcher, ...unhedged });
await once.body.dump();
console.log(`one more, not hedged: attempts ${hedgeInfo(once)?.attempts}`);

// A plain fetch over the same dispatcher is hedged, too.
const slow = await fetch(`${cluster.url}/items/42?ms=40`, { dispatcher });
await slow.text();
console.log(`fetch: attempts ${1 + hedger.stats().attempts.hedge - attempts.hedge}`);

await agent.close();
