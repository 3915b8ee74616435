import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Agent, request } from 'undici';
import { Hedger } from '@hedgerow/core';
import { hedgeInterceptor } from '@hedgerow/fetch';
import { longLivedSignal, type Scenario } from './scenario.js';
import { fateOf } from './scheduler.js';

const maxKeys = 1_000;
/** How long closed connections may take to be seen as such. */
const PATIENCE_MS = 5_000;

/** The load of the fetch scenario through `undici.request` over a dispatcher that hedges; without bodies dropped unread, which undici itself keeps. */
export async function undiciScenario(calls: number): Promise<Scenario> {
  const server = new Worker(new URL('./server-worker.js', import.meta.url));
  const [port] = (await once(server, 'message')) as [number];
  const hedger = new Hedger({ delay: 5, timeoutMs: 600_000, budget: false, maxConcurrentHedges: 1_000, latency: { maxKeys } });
  const agent = new Agent();
  const dispatcher = agent.compose(hedgeInterceptor({ hedger }));
  const signal = longLivedSignal();

  async function openAnswers(): Promise<number> {
    server.postMessage('open');
    const [open] = (await once(server, 'message')) as [number];
    return open;
  }

  return {
    name: 'undici, real HTTP',
    calls,
    hedger,
    maxKeys,
    signal,
    async call(index) {
      const fate = index % 20 === 5 ? 'half' : fateOf(index);
      const controller = fate === 'abandoned' ? new AbortController() : undefined;
      const url = `http://127.0.0.1:${port}/${fate}/r${index.toString(36)}x`;
      const abort = controller && setTimeout(() => controller.abort(), 10);
      try {
        const { statusCode, body } = await request(url, { dispatcher, signal: controller?.signal ?? signal });
        if (statusCode === 503) body.on('error', () => undefined).destroy(); // it came before its copy was due
        else await body.text();
      } catch {
        // given up, as was meant
      }
      clearTimeout(abort);
    },
    async leftovers() {
      let open = await openAnswers();
      for (const since = performance.now(); open > 0 && performance.now() - since < PATIENCE_MS; open = await openAnswers()) await sleep(50);
      return open === 0 ? [] : [`the server has ${open} answers open that nobody reads`];
    },
    async close() {
      hedger.dispose();
      // Waits for requests under way: were one leaked, its socket would be found.
      await Promise.race([agent.close(), sleep(PATIENCE_MS, undefined, { ref: false })]);
      await server.terminate();
    },
  };
}
