import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { hedgedAdapter } from '@hedgerow/axios';
import { createHedgePlugin } from '@hedgerow/got';
import axios from 'axios';
import got from 'got';
import type { Side } from './rounds.js';

const IN_FLIGHT = 20;
/** The whole machinery runs, estimates included, and no hedge is ever due. */
const NEVER_DUE = { delay: { minMs: 60_000 } };

/** The sides of a client's comparison, all against one server of its own process. */
export interface ClientSides {
  readonly axios: { readonly plain: Side; readonly hedged: Side };
  readonly got: { readonly plain: Side; readonly hedged: Side };
  readonly close: () => void;
}

export async function openClients(): Promise<ClientSides> {
  const server: ChildProcess = fork(new URL('./server.js', import.meta.url));
  const [port] = (await once(server, 'message')) as [number];
  const url = `http://127.0.0.1:${port}/items/42`;
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const plainAxios = axios.create({ httpAgent: agent, proxy: false });
  const hedgedAxios = axios.create({ httpAgent: agent, proxy: false, adapter: hedgedAdapter(NEVER_DUE) });
  const plainGot = got.extend({ agent: { http: agent } });
  const hedgedGot = plainGot.extend(createHedgePlugin(NEVER_DUE));
  return {
    axios: { plain: inFlight(() => plainAxios.get(url)), hedged: inFlight(() => hedgedAxios.get(url)) },
    got: { plain: inFlight(() => plainGot(url).json()), hedged: inFlight(() => hedgedGot(url).json()) },
    close: () => {
      agent.destroy();
      server.disconnect();
    },
  };
}

/** Keeps a fixed number of requests in flight. */
function inFlight(request: () => Promise<unknown>): Side {
  return async (count) => {
    let left = count;
    const worker = async (): Promise<void> => {
      while (left-- > 0) await request();
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  };
}
