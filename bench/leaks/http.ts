import { once } from 'node:events';
import { Agent } from 'node:http';
import { Worker } from 'node:worker_threads';
import axios from 'axios';
import got from 'got';
import { hedgedAdapter } from '@hedgerow/axios';
import { Hedger } from '@hedgerow/core';
import { createHedgePlugin } from '@hedgerow/got';
import { HEDGES_ALL, longLivedSignal, type Scenario } from './scenario.js';
import { fateOf } from './scheduler.js';

type Send = (url: string, signal: AbortSignal) => Promise<unknown>;

const maxKeys = 1_000;

/** The same load through axios over real sockets. */
export function axiosScenario(calls: number): Promise<Scenario> {
  return httpScenario('axios, real HTTP', calls, (hedger, agent) => {
    const client = axios.create({ adapter: hedgedAdapter({ hedger }), httpAgent: agent, proxy: false });
    return (url, signal) => client.get(url, { signal });
  });
}

/** The same load through got over real sockets. */
export function gotScenario(calls: number): Promise<Scenario> {
  return httpScenario('got, real HTTP', calls, (hedger, agent) => {
    const client = got.extend(createHedgePlugin({ hedger }), { agent: { http: agent }, retry: { limit: 0 } });
    return (url, signal) => client(url, { signal });
  });
}

async function httpScenario(name: string, calls: number, connect: (hedger: Hedger, agent: Agent) => Send): Promise<Scenario> {
  const server = new Worker(new URL('./server-worker.js', import.meta.url));
  const [port] = (await once(server, 'message')) as [number];
  const hedger = new Hedger({ ...HEDGES_ALL, delay: 5, latency: { maxKeys } });
  const agent = new Agent({ keepAlive: true });
  const send = connect(hedger, agent);
  const signal = longLivedSignal();
  return {
    name,
    calls,
    hedger,
    maxKeys,
    signal,
    async call(index) {
      const fate = fateOf(index);
      const controller = fate === 'abandoned' ? new AbortController() : undefined;
      const outcome = send(`http://127.0.0.1:${port}/${fate}/r${index.toString(36)}x`, controller?.signal ?? signal);
      const abort = controller && setTimeout(() => controller.abort(), 10);
      await outcome.catch(() => undefined);
      clearTimeout(abort);
    },
    async close() {
      hedger.dispose();
      // Only pooled sockets may be left: those in use would be leaked ones, and `destroy()` would hide them.
      for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
      await server.terminate();
    },
  };
}
