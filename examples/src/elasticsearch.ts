/** Elasticsearch: a transport. Slow searches get a copy at another node; what writes is sent once. */
import { Client, SniffingTransport } from '@elastic/elasticsearch';
import { hedgedTransport, hedgeInfo, hedging } from '@hedgerow/elastic';
import { startNodes } from './support/search-nodes.js';

const cluster = await startNodes(3);
const Transport = hedgedTransport(SniffingTransport, { delay: 15 });
const client = new Client({ nodes: cluster.urls, Transport });

const winners = [0, 0];
let elsewhere = 0;
let longestMs = 0;
for (let number = 0; number < 200; number++) {
  const result = await client.search({ index: 'logs-2026.11.28', query: { match: { message: 'hedge' } } }, { meta: true });
  const info = hedgeInfo(result);
  const winner = info?.winner ?? 0;
  winners[winner] = (winners[winner] ?? 0) + 1;
  if (info?.target !== undefined) elsewhere++;
  longestMs = Math.max(longestMs, info?.durationMs ?? 0);
}
console.log(`200 searches, one in ten of which takes 80 ms: ${winners[0]} answered by the first node, ${winners[1]} by a hedge after 15 ms, ${elsewhere} of those at another node`);
console.log(`the slowest took ${longestMs.toFixed(1)} ms; the nodes received ${cluster.received()} requests, ${cluster.cancelled()} of them cancelled`);
console.log(`learnt as ${Transport.hedger.routes().map(({ key }) => key.replace(/https?:\/\/[^/]+/, '')).join()}`);

await client.index({ index: 'logs-2026.11.28', document: { message: 'once' } });
console.log(`a document is written once: ${cluster.written()} received`);

const plain = await client.count({ index: 'logs-2026.11.28' }, { context: hedging(false), meta: true });
console.log(`a count with hedging(false): ${hedgeInfo(plain)?.attempts} request (${hedgeInfo(plain)?.ineligibleReason})`);

await client.close();
cluster.close();
