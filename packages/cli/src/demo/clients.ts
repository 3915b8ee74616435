import { Agent } from 'node:http';
import axios from 'axios';
import got from 'got';
import { hedgedAdapter } from '@hedgerow/axios';
import { Hedger, type HedgerStats } from '@hedgerow/core';
import { hedgedFetch } from '@hedgerow/fetch';
import { createHedgePlugin } from '@hedgerow/got';
import type { ClientName } from './options.js';

/** A client under test. */
export interface DemoClient extends Disposable {
  readonly name: ClientName;
  readonly hedged: boolean;
  /** Fetches a whole answer and resolves to the client's own response. */
  readonly get: (url: string) => Promise<unknown>;
  /** What its Hedger did; `undefined` without one. */
  readonly stats: () => HedgerStats | undefined;
}

/** Opens a client with its own sockets; hedging, if any, has its default options. */
export function openClient(name: ClientName, hedged: boolean): DemoClient {
  const agent = new Agent({ keepAlive: true });
  const hedger = hedged ? new Hedger() : undefined;
  return {
    name,
    hedged,
    get: GETTERS[name](agent, hedger),
    stats: () => hedger?.stats(),
    [Symbol.dispose]: () => {
      hedger?.dispose();
      agent.destroy();
    },
  };
}

const GETTERS: Record<ClientName, (agent: Agent, hedger: Hedger | undefined) => DemoClient['get']> = {
  axios: (httpAgent, hedger) => {
    const client = axios.create({ httpAgent, ...(hedger && { adapter: hedgedAdapter({ hedger }) }) });
    return (url) => client.get(url);
  },
  got: (http, hedger) => {
    const plain = got.extend({ agent: { http } });
    const client = hedger ? plain.extend(createHedgePlugin({ hedger })) : plain;
    return async (url) => client.get(url);
  },
  // Its sockets are the platform's, which lets go of idle ones by itself.
  fetch: (_agent, hedger) => {
    const client = hedger ? hedgedFetch({ hedger }) : fetch;
    return async (url) => {
      const response = await client(url);
      await response.arrayBuffer();
      return response;
    };
  },
};
