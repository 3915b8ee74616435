/** What is not hedged, and why, in sum: from inside an SDK there is no response to ask. */
import { Readable } from 'node:stream';
import { hedgedFetch } from '@hedgerow/fetch';
import { Hedger } from '@hedgerow/core';
import { startCluster } from 'hedgerow';

await using cluster = await startCluster({ isolated: true });
using hedger = new Hedger({ maxReplayBytes: 1_000 });
const fetch = hedgedFetch({ hedger });

/** An SDK that was given our `fetch`: what it sends is its own affair. */
const sdk = {
  list: () => fetch(`${cluster.url}/items`),
  create: () => fetch(`${cluster.url}/items`, { method: 'POST', body: '{}' }),
  upload: () => fetch(`${cluster.url}/items`, { method: 'QUERY', body: 'x'.repeat(2_000) }),
  stream: () => fetch(`${cluster.url}/items`, { method: 'QUERY', body: Readable.toWeb(Readable.from(['x'])) as ReadableStream, duplex: 'half' }),
};

const WHAT_TO_DO: Partial<Record<keyof ReturnType<typeof hedger.stats>['ineligible'], string>> = {
  method: 'list the method in `methods` if a copy of it does no harm, or `describe` the requests that only read, or send an `Idempotency-Key` and set `idempotencyKey`',
  body_too_large: 'raise `maxReplayBytes`',
  body_not_replayable: 'send a string or a buffer in place of a stream',
};

for (let round = 0; round < 20; round++) {
  for (const send of Object.values(sdk)) await (await send()).text();
}

const { calls, eligible, ineligible } = hedger.stats();
console.log(`${calls} calls, ${eligible} of which could be hedged. The others:\n`);
for (const [reason, count] of Object.entries(ineligible)) {
  if (count > 0) console.log(`${String(count).padStart(4)} ${reason}: ${WHAT_TO_DO[reason as keyof typeof ineligible] ?? ''}`);
}
