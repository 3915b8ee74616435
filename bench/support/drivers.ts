import { Agent, get, type IncomingMessage } from 'node:http';
import { Client, credentials } from '@grpc/grpc-js';
import axios from 'axios';
import got from 'got';
import { hedgedAdapter } from '@hedgerow/axios';
import type { AttemptContext, Hedger } from '@hedgerow/core';
import { hedgedFetch } from '@hedgerow/fetch';
import { createHedgePlugin } from '@hedgerow/got';
import { hedgingInterceptor } from '@hedgerow/grpc';
import { ITEMS } from './server/items.js';
import type { Servers } from './server/process.js';

/** Makes one call and resolves once its whole answer is there. */
export type Call = (number: number) => Promise<unknown>;

/** A client under test, with sockets of its own. */
export interface OpenClient extends Disposable {
  readonly call: Call;
}

/** How a client is opened. To measure another one, add it to {@link DRIVERS}. */
export interface Driver {
  readonly name: string;
  /** @param lane - what the servers count its requests under. @param hedger - `undefined` to do without hedgerow. */
  readonly open: (servers: Endpoints, lane: string, hedger: Hedger | undefined) => OpenClient;
}

/** Where the servers listen. */
export type Endpoints = Pick<Servers, 'url' | 'grpcAddress'>;

/** The bare scheduler over `node:http`: the least that stands between a policy and the wire. */
export const coreDriver: Driver = overAgent('core', (base, agent, hedger) => {
  const send = (url: string, attempt?: AttemptContext): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const request = get(url, { agent }, (response) => {
        response.resume();
        response.once('end', () => resolve(response));
        response.once('error', reject);
      });
      request.on('error', reject);
      attempt?.onAbort((reason) => request.destroy(reason as Error));
    });
  if (hedger === undefined) return (number) => send(`${base}${number}`);
  return (number) => {
    const url = `${base}${number}`;
    return hedger.run({ request: { method: 'GET', url }, start: (attempt) => send(url, attempt) });
  };
});

const axiosDriver: Driver = overAgent('axios', (base, httpAgent, hedger) => {
  const client = axios.create({ httpAgent, proxy: false, ...(hedger && { adapter: hedgedAdapter({ hedger }) }) });
  return (number) => client.get(`${base}${number}`);
});

const gotDriver: Driver = overAgent('got', (base, http, hedger) => {
  const plain = got.extend({ agent: { http } });
  const client = hedger ? plain.extend(createHedgePlugin({ hedger })) : plain;
  return (number) => client(`${base}${number}`).json();
});

/** Over the sockets of the platform's own pool. */
const fetchDriver: Driver = {
  name: 'fetch',
  open: ({ url }, lane, hedger) => {
    const send = hedger ? hedgedFetch({ hedger }) : fetch;
    return {
      call: async (number) => (await send(`${url}/${lane}/${number}`)).json(),
      [Symbol.dispose]: () => hedger?.dispose(),
    };
  },
};

/**
 * A server on Node closes a connection on which streams are reset for long at more than 33 a second (its protection from the
 * rapid reset attack), and each cancelled loser resets one.
 */
const GRPC_CONNECTIONS = 10;

const grpcDriver: Driver = {
  name: 'grpc',
  open: ({ grpcAddress }, lane, hedger) => {
    const interceptors = hedger ? [hedgingInterceptor({ hedger, methods: ['bench.Items/Get'] })] : [];
    const options = { interceptors, 'grpc.use_local_subchannel_pool': 1 };
    const clients = Array.from({ length: GRPC_CONNECTIONS }, () => new Client(grpcAddress, credentials.createInsecure(), options));
    const { path, requestSerialize, responseDeserialize } = ITEMS.get;
    return {
      call: (number) =>
        new Promise((resolve, reject) => {
          clients[number % GRPC_CONNECTIONS]?.makeUnaryRequest(path, requestSerialize, responseDeserialize, `${lane}/${number}`, (error, answer) =>
            error ? reject(error) : resolve(answer),
          );
        }),
      [Symbol.dispose]: () => {
        hedger?.dispose();
        for (const client of clients) client.close();
      },
    };
  },
};

/** Every client that has an adapter. */
export const DRIVERS: readonly Driver[] = [axiosDriver, gotDriver, fetchDriver, grpcDriver];

/** @param base - the URL that a call's number is appended to. */
type Connect = (base: string, agent: Agent, hedger: Hedger | undefined) => Call;

function overAgent(name: string, connect: Connect): Driver {
  return {
    name,
    open: ({ url }, lane, hedger) => {
      const agent = new Agent({ keepAlive: true });
      return {
        call: connect(`${url}/${lane}/`, agent, hedger),
        [Symbol.dispose]: () => {
          hedger?.dispose();
          agent.destroy();
        },
      };
    },
  };
}
