import { Agent, get, type IncomingMessage } from 'node:http';
import axios from 'axios';
import got from 'got';
import { hedgedAdapter } from '@hedgerow/axios';
import type { AttemptContext, Hedger } from '@hedgerow/core';
import { createHedgePlugin } from '@hedgerow/got';

/** Makes one call and resolves once its whole answer is there. */
export type Call = (number: number) => Promise<unknown>;

/** A client under test, with sockets of its own. */
export interface Client extends Disposable {
  readonly call: Call;
}

/** How an HTTP client is opened. To measure another one, add it to {@link DRIVERS}. */
export interface Driver {
  readonly name: string;
  /** @param base - what a call's number is appended to. @param hedger - `undefined` to do without hedgerow. */
  readonly open: (base: string, hedger: Hedger | undefined) => Client;
}

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

/** Every client that has an adapter. */
export const DRIVERS: readonly Driver[] = [axiosDriver, gotDriver];

type Connect = (base: string, agent: Agent, hedger: Hedger | undefined) => Call;

function overAgent(name: string, connect: Connect): Driver {
  return {
    name,
    open: (base, hedger) => {
      const agent = new Agent({ keepAlive: true });
      return {
        call: connect(base, agent, hedger),
        [Symbol.dispose]: () => {
          hedger?.dispose();
          agent.destroy();
        },
      };
    },
  };
}
