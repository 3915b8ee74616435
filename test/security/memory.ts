import { Hedger } from '@hedgerow/core';
import { instrumentHedger } from '@hedgerow/opentelemetry';
import { startSdk } from '../opentelemetry/sdk.js';

/**
 * A process of its own, with `--expose-gc`: how many MiB are kept alive by hostile requests, each with megabytes of something, that
 * have all been answered. It prints them as JSON, by kind.
 */
const CALLS = 60;
const long = (): string => 'a'.repeat(2 ** 20);

const kinds: Readonly<Record<string, (index: number) => object>> = {
  hosts: (index) => ({ url: `http://${index}${long()}/` }),
  paths: (index) => ({ url: `http://host-of-${'abcdefghij'[index % 10]}${index}.test/some-words-of-a-path/${long()}` }),
  queries: (index) => ({ url: `http://host-of-${'abcdefghij'[index % 10]}${index}.test/some-words-of-a-path?${long()}` }),
  methods: (index) => ({ url: 'http://a.test/', method: `${index}${long()}`, header: () => 'key' }),
  procedures: (index) => ({ url: 'grpc://a.test/', method: 'GET', rpc: { system: 'grpc', service: `${index}${long()}`, method: 'm' } }),
  keys: (index) => ({ url: `http://a.test/${index}?${long()}` }),
};

const kept: Record<string, number> = {};
for (const [kind, make] of Object.entries(kinds)) {
  const sdk = startSdk();
  const hedger = new Hedger({ idempotencyKey: true, latency: kind === 'keys' ? { key: ({ url }) => url } : {} });
  instrumentHedger(hedger, { serverAddressOnMetrics: true });
  const before = used();
  for (let index = 0; index < CALLS; index++) {
    await hedger.run({ request: { method: 'GET', url: '', ...make(index) }, start: () => Promise.resolve({}) });
    if (kind !== 'paths') sdk.forget(); // of these the spans are kept too
  }
  await hedger.run({ request: { method: 'GET', url: 'http://last.test/' }, start: () => Promise.resolve({}) });
  await new Promise((resolve) => setTimeout(resolve, 10)); // spans are exported
  if (kind !== 'paths') sdk.forget();
  kept[kind] = Math.round((used() - before) / 2 ** 20);
  if (hedger.stats().keys < 2) throw new Error(`${kind}: nothing was remembered`);
  await sdk.stop();
}
console.log(JSON.stringify(kept));

function used(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
