/** fetch: a drop-in that hedges, for one call differently, and under a signal that outlives many calls. */
import { hedgedFetch, hedgeInfo, isHedge } from '@hedgerow/fetch';
import { startCluster } from 'hedgerow';

const CALLS = 400;

// Three servers behind a balancer; one request in twenty takes ten times longer than the usual 5 ms.
await using cluster = await startCluster({ isolated: true });

const fetch = hedgedFetch();
const shutdown = new AbortController();

let saved = 0;
for (let call = 1; call <= CALLS; call++) {
  const response = await fetch(`${cluster.url}/items/42`, { signal: shutdown.signal });
  const { backend } = (await response.json()) as { backend: number };
  if (!isHedge(response)) continue;
  saved++;
  const { durationMs = 0, delayMs = 0 } = hedgeInfo(response) ?? {};
  console.log(
    `call ${call}: no answer after ${delayMs.toFixed(1)} ms, so a copy was sent; ` +
      `backend ${backend} answered it ${durationMs.toFixed(1)} ms after the start`,
  );
}
console.log(`\n${saved} of ${CALLS} calls were answered by a copy.`);

const report = await fetch(`${cluster.url}/report?ms=40`, { hedge: { delay: 10 } });
console.log(`one call with a delay of its own: attempts ${hedgeInfo(report)?.attempts}`);

const posted = await fetch(`${cluster.url}/items?ms=40`, { method: 'POST', body: 'x', hedge: { delay: 10 } });
console.log(`a POST: attempts ${hedgeInfo(posted)?.attempts} (${hedgeInfo(posted)?.ineligibleReason})`);
