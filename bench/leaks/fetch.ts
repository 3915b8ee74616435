import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Agent, fetch as undiciFetch } from 'undici';
import { Hedger } from '@hedgerow/core';
import { hedgedFetch } from '@hedgerow/fetch';
import { longLivedSignal, type Scenario } from './scenario.js';
import { fateOf } from './scheduler.js';

const maxKeys = 1_000;
/** How long closed connections may take to be seen as such. */
const PATIENCE_MS = 5_000;

/**
 * The same load through fetch over real sockets, and two fates more: of one call in twenty the primary answers 503 and half a body
 * that nobody reads, and one response in two hundred is dropped unread, its body without an end.
 */
export async function fetchScenario(calls: number): Promise<Scenario> {
  const server = new Worker(new URL('./server-worker.js', import.meta.url));
  const [port] = (await once(server, 'message')) as [number];
  const hedger = new Hedger({ delay: 5, timeoutMs: 600_000, budget: false, maxConcurrentHedges: 1_000, latency: { maxKeys } });
  const dispatcher = new Agent();
  const send = hedgedFetch(undiciFetch, { hedger });
  const signal = longLivedSignal();

  async function openAnswers(): Promise<number> {
    server.postMessage('open');
    const [open] = (await once(server, 'message')) as [number];
    return open;
  }

  return {
    name: 'fetch, real HTTP',
    calls,
    hedger,
    maxKeys,
    signal,
    async call(index) {
      const fate = index % 20 === 5 ? 'half' : index % 200 === 11 ? 'unread' : fateOf(index);
      const controller = fate === 'abandoned' ? new AbortController() : undefined;
      const url = `http://127.0.0.1:${port}/${fate}/r${index.toString(36)}x`;
      const abort = controller && setTimeout(() => controller.abort(), 10);
      try {
        const response = await send(url, { dispatcher, signal: controller?.signal ?? signal });
        if (response.status === 503) await response.body?.cancel(); // it came before its copy was due
        else if (fate !== 'unread') await response.text();
      } catch {
        // given up, as was meant
      }
      clearTimeout(abort);
    },
    async leftovers() {
      let open = await openAnswers();
      for (const since = performance.now(); open > 0 && performance.now() - since < PATIENCE_MS; open = await openAnswers()) {
        globalThis.gc?.(); // what was dropped unread is given up when it is collected
        await sleep(50);
      }
      return open === 0 ? [] : [`the server has ${open} answers open that nobody reads`];
    },
    async close() {
      hedger.dispose();
      // Waits for requests under way: were one leaked, its socket would be found.
      await Promise.race([dispatcher.close(), sleep(PATIENCE_MS, undefined, { ref: false })]);
      await server.terminate();
    },
  };
}
