import { Agent, request } from 'undici';
import { Hedger } from '@hedgerow/core';
import { hedgeInterceptor } from '@hedgerow/fetch';
import { startAnsweringServer } from './answering.js';
import { HEDGES_ALL, longLivedSignal, type Scenario } from './scenario.js';
import { fateOf } from './scheduler.js';

const maxKeys = 1_000;

/** The load of the fetch scenario through `undici.request` over a dispatcher that hedges; without bodies dropped unread, which undici itself keeps. */
export async function undiciScenario(calls: number): Promise<Scenario> {
  const server = await startAnsweringServer();
  const hedger = new Hedger({ ...HEDGES_ALL, delay: 5, latency: { maxKeys } });
  const agent = new Agent();
  const dispatcher = agent.compose(hedgeInterceptor({ hedger }));
  const signal = longLivedSignal();

  return {
    name: 'undici, real HTTP',
    calls,
    hedger,
    maxKeys,
    signal,
    async call(index) {
      const fate = index % 20 === 5 ? 'half' : fateOf(index);
      const controller = fate === 'abandoned' ? new AbortController() : undefined;
      const url = `${server.origin}/${fate}/r${index.toString(36)}x`;
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
    leftovers: () => server.unread(),
    async close() {
      hedger.dispose();
      await server.closeWith(agent);
    },
  };
}
