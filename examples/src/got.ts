/** got: a plugin for `extend`. `.json()`, retries, timeouts and hooks work as ever. */
import got from 'got';
import { createHedgePlugin, hedgeContext, hedgeInfo } from '@hedgerow/got';
import { startCluster } from 'hedgerow';

await using cluster = await startCluster({ isolated: true });

const client = got.extend({ prefixUrl: cluster.url }, createHedgePlugin({ delay: 15 }));

const item = await client.get('items/42').json<{ backend: number; latencyMs: number }>();
console.log(`.json() as ever: backend ${item.backend} took ${item.latencyMs.toFixed(1)} ms`);

const winners = [0, 0];
for (let call = 1; call <= 200; call++) {
  const info = hedgeInfo(await client.get('items/42'));
  const winner = info?.winner ?? 0;
  winners[winner] = (winners[winner] ?? 0) + 1;
}
console.log(`200 calls with a fixed delay of 15 ms: ${winners[0]} answered by the primary, ${winners[1]} by a hedge`);

const once = hedgeInfo(await client.get('items/42?ms=40', { context: hedgeContext(false) }));
console.log(`one call without hedging: attempts ${once?.attempts} (${once?.ineligibleReason})`);

// POST is not repeated, unless you say that yours may be.
const posted = hedgeInfo(await client.post('items?ms=40', { json: { name: 'hedge' } }));
console.log(`a POST that takes 40 ms: attempts ${posted?.attempts} (${posted?.ineligibleReason})`);
