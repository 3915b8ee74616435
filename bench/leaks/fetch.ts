import { Agent, fetch as undiciFetch } from 'undici';
import { Hedger } from '@hedgerow/core';
import { hedgedFetch } from '@hedgerow/fetch';
import { startAnsweringServer } from './answering.js';
import { HEDGES_ALL, longLivedSignal, type Scenario } from './scenario.js';
import { fateOf } from './scheduler.js';

const maxKeys = 1_000;

/**
 * The same load through fetch over real sockets, and two fates more: of one call in twenty the primary answers 503 and half a body
 * that nobody reads, and one response in two hundred is dropped unread, its body without an end.
 */
export async function fetchScenario(calls: number): Promise<Scenario> {
  const server = await startAnsweringServer();
  const hedger = new Hedger({ ...HEDGES_ALL, delay: 5, latency: { maxKeys } });
  const dispatcher = new Agent();
  const send = hedgedFetch(undiciFetch, { hedger });
  const signal = longLivedSignal();

  return {
    name: 'fetch, real HTTP',
    calls,
    hedger,
    maxKeys,
    signal,
    async call(index) {
      const fate = index % 20 === 5 ? 'half' : index % 200 === 11 ? 'unread' : fateOf(index);
      const controller = fate === 'abandoned' ? new AbortController() : undefined;
      const url = `${server.origin}/${fate}/r${index.toString(36)}x`;
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
    leftovers: () => server.unread(),
    async close() {
      hedger.dispose();
      await server.closeWith(dispatcher);
    },
  };
}
