/** Streams: copies race until the headers arrive, then only the winner's body is read, however long it takes. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import axios from 'axios';
import got, { type Response } from 'got';
import { hedgedAdapter, hedgeInfo } from '@hedgerow/axios';
import { createHedgePlugin } from '@hedgerow/got';
import { startCluster } from 'hedgerow';

const DOWNLOADS = 12;
const BYTES = 3_000_000;

// A third of the requests take twenty times longer before their first byte. The usual budget, a hedge for every tenth call,
// is meant for rarer trouble.
const latency = { meanMs: 5, sdMs: 1, stragglers: 0.33, slowdown: 20 };
await using cluster = await startCluster({ isolated: true, latency });
const url = `${cluster.url}/video?bytes=${BYTES}`;
const options = { delay: 15, budget: { ratio: 0.5 } } as const;

async function digest(body: Readable): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex').slice(0, 12) };
}

const viaAxios = axios.create({ adapter: hedgedAdapter(options) });
console.log("axios, responseType: 'stream'");
for (let download = 0; download < DOWNLOADS; download++) {
  const response = await viaAxios.get<Readable>(url, { responseType: 'stream' });
  const { bytes, sha256 } = await digest(response.data);
  console.log(`  ${bytes} bytes, sha256 ${sha256}…, from the ${hedgeInfo(response)?.isHedge ? 'hedge' : 'primary'}`);
}

const viaGot = got.extend(createHedgePlugin(options));
console.log('\ngot.stream');
for (let download = 0; download < DOWNLOADS; download++) {
  const stream = viaGot.stream(url);
  let answeredBy = 'nobody';
  stream.once('response', (response: Response) => {
    answeredBy = hedgeInfo(response)?.isHedge ? 'hedge' : 'primary';
  });
  const { bytes, sha256 } = await digest(stream);
  console.log(`  ${bytes} bytes, sha256 ${sha256}…, from the ${answeredBy}`);
}

const { balancer } = await cluster.settled();
console.log(`\n${2 * DOWNLOADS} downloads, ${balancer.received} requests, ${balancer.aborted} of them cut off because the other copy was faster`);
