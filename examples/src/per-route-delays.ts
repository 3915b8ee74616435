/** Delays per route: learnt by default, decided by a function, or given with a single call. */
import axios from 'axios';
import { Hedger, hedgedAdapter, hedgeInfo } from '@hedgerow/axios';
import { startCluster } from 'hedgerow';

// Searching takes six times as long as reading an item: one delay cannot fit both.
await using cluster = await startCluster({ isolated: true, routes: { '/search': { meanMs: 30, sdMs: 6, stragglers: 0 } } });

console.log('Learnt: each route is hedged at a quantile of its own latency; ids in paths do not make new routes.');
using hedger = new Hedger();
const learning = axios.create({ baseURL: cluster.url, adapter: hedgedAdapter({ hedger }) });
await Promise.all(
  ['/search', '/items/1'].map(async (path) => {
    for (let round = 0; round < 60; round++) await Promise.all(Array.from({ length: 5 }, () => learning.get(path)));
  }),
);
for (const { key, samples, delayMs } of hedger.routes()) {
  console.log(`  ${key}: after ${delayMs?.toFixed(1) ?? '?'} ms, from ${samples} samples`);
}

console.log('\nDecided by a function: searches after 25 ms, items at their own p95, anything else never.');
const deciding = axios.create({
  baseURL: cluster.url,
  adapter: hedgedAdapter({
    hedger,
    delay: ({ request, quantile }) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/search') return 25;
      return pathname.startsWith('/items/') ? quantile(0.95) : undefined;
    },
  }),
});
for (const path of ['/search?ms=40', '/export?ms=40']) {
  const info = hedgeInfo(await deciding.get(path));
  console.log(`  ${path}: attempts ${info?.attempts}, delay ${info?.delayMs ?? 'none'}`);
}

console.log('\nGiven with a call: it overrides what the client says.');
for (const hedge of [{ delay: 5 }, { delay: [5, 10], maxHedges: 2 }, false] as const) {
  const info = hedgeInfo(await deciding.get('/items/1?ms=40', { hedge }));
  console.log(`  hedge: ${JSON.stringify(hedge)}: attempts ${info?.attempts}`);
}
