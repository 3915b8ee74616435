import { Agent } from 'node:http';
import { Client, credentials } from '@grpc/grpc-js';
import axios from 'axios';
import got from 'got';
import { hedgedAdapter } from '@hedgerow/axios';
import { Hedger, type HedgerStats } from '@hedgerow/core';
import { hedgedFetch } from '@hedgerow/fetch';
import { createHedgePlugin } from '@hedgerow/got';
import { hedgingInterceptor } from '@hedgerow/grpc';
import { GET, PROTO } from '../cluster/grpc.js';
import type { Cluster } from '../cluster/types.js';
import type { ClientName } from './options.js';

/** The path that HTTP clients ask for. */
const PATH = '/quote';

/** A client under test. */
export interface DemoClient extends Opened, Disposable {
  readonly name: ClientName;
  readonly hedged: boolean;
  /** What its Hedger did; `undefined` without one. */
  readonly stats: () => HedgerStats | undefined;
}

interface Opened {
  /** Fetches a whole answer and resolves to what the client calls a response, or a call. */
  readonly get: () => Promise<unknown>;
  readonly close: () => void;
}

/** Opens a client with its own sockets; hedging, if any, has its default options. */
export function openClient(name: ClientName, hedged: boolean, cluster: Cluster): DemoClient {
  const hedger = hedged ? new Hedger() : undefined;
  const { get, close } = OPENERS[name](cluster, hedger);
  return {
    name,
    hedged,
    get,
    close,
    stats: () => hedger?.stats(),
    [Symbol.dispose]: () => {
      hedger?.dispose();
      close();
    },
  };
}

const OPENERS: Record<ClientName, (cluster: Cluster, hedger: Hedger | undefined) => Opened> = {
  axios: overAgent((url, httpAgent, hedger) => {
    const client = axios.create({ httpAgent, ...(hedger && { adapter: hedgedAdapter({ hedger }) }) });
    return () => client.get(url);
  }),
  got: overAgent((url, http, hedger) => {
    const plain = got.extend({ agent: { http } });
    const client = hedger ? plain.extend(createHedgePlugin({ hedger })) : plain;
    return async () => client.get(url);
  }),
  // Its sockets are the platform's, which lets go of idle ones by itself.
  fetch: overAgent((url, _agent, hedger) => {
    const client = hedger ? hedgedFetch({ hedger }) : fetch;
    return async () => {
      const response = await client(url);
      await response.arrayBuffer();
      return response;
    };
  }),
  grpc: ({ grpcTarget = '' }, hedger) => {
    const client = new Client(grpcTarget, credentials.createInsecure(), {
      interceptors: hedger ? [hedgingInterceptor({ hedger, proto: PROTO })] : [],
      'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
      'grpc.enable_retries': 0,
      'grpc.use_local_subchannel_pool': 1,
    });
    const { path, requestSerialize, responseDeserialize } = GET;
    const get = () =>
      new Promise((resolve, reject) => {
        const call = client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, (error) => (error ? reject(error) : resolve(call)));
      });
    return { get, close: () => client.close() };
  },
};

type Connect = (url: string, agent: Agent, hedger: Hedger | undefined) => Opened['get'];

function overAgent(connect: Connect): (cluster: Cluster, hedger: Hedger | undefined) => Opened {
  return (cluster, hedger) => {
    const agent = new Agent({ keepAlive: true });
    return { get: connect(new URL(PATH, cluster.url).href, agent, hedger), close: () => agent.destroy() };
  };
}
