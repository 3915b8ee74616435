/**
 * The other libraries for Node that hedge. They are asked for by name when the benchmark runs and are no dependencies of this
 * project: their newest releases are not in every registry.
 */
import { readFileSync } from 'node:fs';

/** `fetch` as a library hands it out, here only ever called with a URL. */
export type Get = (url: string) => Promise<Response>;

/** A peer at one of its settings. */
export interface Contender {
  readonly name: string;
  readonly get: Get;
}

interface Ffetch {
  readonly createClient: (options: { timeout: number; retries: number; plugins: readonly unknown[] }) => Get;
}

interface FfetchHedge {
  readonly hedgePlugin: (options: { delay: number; maxHedges: number }) => unknown;
}

/** Its token bucket, which users may replace. */
interface HedgeBucket {
  canHedge(): boolean;
  consumeHedge(): void;
  inc(): void;
}

interface HedgeFetch {
  readonly globalBucket: HedgeBucket;
  readonly LatencyTracker: new () => object;
  readonly HedgedContext: new (bucket: HedgeBucket, tracker: object) => { fetch(url: string, options: { timeoutMs: number }): Promise<Response> };
}

const TIMEOUT_MS = 5_000;
/** It has no quantile and no budget: its one setting is a fixed delay. */
const FFETCH_DELAYS_MS: readonly number[] = [10, 12, 15, 20, 30];

/** @throws Error saying what to install. */
export async function contenders(): Promise<Contender[]> {
  const ffetch = await load<Ffetch>('@fetchkit/ffetch');
  const { hedgePlugin } = await load<FfetchHedge>('@fetchkit/ffetch/plugins/hedge');
  const hedgeFetch = await load<HedgeFetch>('hedge-fetch');
  return [
    ...FFETCH_DELAYS_MS.map((delay) => {
      const plugins = [hedgePlugin({ delay, maxHedges: 1 })];
      return { name: `ffetch, ${delay} ms`, get: ffetch.createClient({ timeout: TIMEOUT_MS, retries: 0, plugins }) };
    }),
    contextOf('hedge-fetch, as it comes (5 %)', hedgeFetch, hedgeFetch.globalBucket),
    contextOf('hedge-fetch, a bucket of 10 %', hedgeFetch, new TenthBucket()),
  ];
}

/** What was measured. */
export function versions(): Record<string, string> {
  return Object.fromEntries(['@fetchkit/ffetch', 'hedge-fetch'].map((name) => [name, versionOf(name)]));
}

function contextOf(name: string, { HedgedContext, LatencyTracker }: HedgeFetch, bucket: HedgeBucket): Contender {
  const context = new HedgedContext(bucket, new LatencyTracker());
  return { name, get: (url) => context.fetch(url, { timeoutMs: TIMEOUT_MS }) };
}

/** As the library's own, with twice its ratio. */
class TenthBucket implements HedgeBucket {
  private tokens = 0;

  canHedge(): boolean {
    return this.tokens >= 1;
  }

  consumeHedge(): void {
    this.tokens -= 1;
  }

  inc(): void {
    this.tokens = Math.min(10, this.tokens + 0.1);
  }
}

async function load<T>(name: string): Promise<T> {
  try {
    return (await import(name)) as T;
  } catch (cause) {
    throw new Error(`bench:peers needs ${name}: npm install --no-save @fetchkit/ffetch@^5.7 hedge-fetch`, { cause });
  }
}

function versionOf(name: string): string {
  const file = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
