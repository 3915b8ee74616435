/** ky over a hedged fetch: its retries and timeouts go around hedges, and see one call. */
import ky from 'ky';
import { Hedger, hedgedFetch } from '@hedgerow/fetch';
import { startCluster } from 'hedgerow';

await using cluster = await startCluster({ isolated: true });

using hedger = new Hedger({ delay: 15 });
const client = ky.extend({ fetch: hedgedFetch({ hedger }), prefixUrl: cluster.url, retry: 2, timeout: 2_000 });

for (let call = 0; call < 200; call++) await client.get('items/42').json();
const { attempts, wins } = hedger.stats();
console.log(`200 calls through ky: ${attempts.hedge} were slower than 15 ms and got a copy, ${wins.hedge} were answered by it`);

// ky hands options that it does not know to fetch, so one request may have its own; ky's types do not know of them.
await client.get('items/42?ms=40', { hedge: false } as object);
console.log(`one more, not hedged: ${hedger.stats().attempts.hedge - attempts.hedge} copies`);
