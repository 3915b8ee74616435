import { Client, credentials } from '@grpc/grpc-js';
import axios from 'axios';
import got from 'got';
import { hedgedAdapter } from '@hedgerow/axios';
import type { Hedger } from '@hedgerow/core';
import { hedgedFetch } from '@hedgerow/fetch';
import { createHedgePlugin, hedgeContext } from '@hedgerow/got';
import { hedgingInterceptor } from '@hedgerow/grpc';
import type { Cluster } from 'hedgerow';
import { GET, PROTO } from '#cli/cluster/grpc.js';

/** How a call is to be answered (gRPC knows `ms` only), where it differs from the cluster's usual way. */
export interface Wish {
  readonly ms?: number;
  readonly status?: number;
  readonly retryAfter?: number;
}

/** What a call overrides. */
export interface Overrides {
  readonly mode?: 'shadow';
  readonly delay?: number;
}

/** One client over one Hedger, which reports its metrics under the client's name. */
export interface Sender {
  /** As the cluster counts its calls. */
  readonly route: string;
  readonly send: (wish?: Wish, overrides?: Overrides) => Promise<unknown>;
}

type Open = (cluster: Cluster, hedger: Hedger, name: string) => Sender;

const overAxios: Open = (cluster, hedger, name) => {
  const client = axios.create({ baseURL: cluster.url, adapter: hedgedAdapter({ hedger, telemetry: { name } }) });
  return { route: `GET /${name}`, send: (wish = {}, hedge = {}) => client.get(`/${name}`, { params: wish, hedge }) };
};

const overGot: Open = (cluster, hedger, name) => {
  const client = got.extend({ prefixUrl: cluster.url }, createHedgePlugin({ hedger, telemetry: { name } }));
  return { route: `GET /${name}`, send: async (wish = {}, hedge = {}) => client(name, { searchParams: { ...wish }, context: hedgeContext(hedge) }) };
};

const overFetch: Open = (cluster, hedger, name) => {
  const fetch = hedgedFetch({ hedger, telemetry: { name } });
  const send: Sender['send'] = async (wish = {}, hedge = {}) => {
    const query = new URLSearchParams(Object.entries(wish).map(([key, value]): [string, string] => [key, String(value)]));
    const response = await fetch(`${cluster.url}/${name}?${query.toString()}`, { hedge });
    return response.arrayBuffer();
  };
  return { route: `GET /${name}`, send };
};

const overGrpc: Open = ({ grpcTarget = '' }, hedger, name) => {
  const client = new Client(grpcTarget, credentials.createInsecure(), {
    interceptors: [hedgingInterceptor({ hedger, proto: PROTO, telemetry: { name } })],
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    'grpc.enable_retries': 0,
  });
  const { path, requestSerialize, responseDeserialize } = GET;
  const send: Sender['send'] = ({ ms } = {}, hedge = {}) =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { ms }, { hedge }, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
  return { route: `POST ${path}`, send };
};

/** The four clients that hedgerow hedges. */
export const CLIENTS: Readonly<Record<'axios' | 'got' | 'fetch' | 'grpc', Open>> = { axios: overAxios, got: overGot, fetch: overFetch, grpc: overGrpc };
