import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { hedgedAdapter } from '@hedgerow/axios';
import { createHedgePlugin } from '@hedgerow/got';
import axios from 'axios';
import got from 'got';
import { withSpan } from './recording.js';
import type { Side } from './rounds.js';
import { handWritten } from './scheduler.js';

const IN_FLIGHT = 20;
/** The whole machinery runs, estimates included, and no hedge is ever due. */
const NEVER_DUE = { delay: { minMs: 60_000 } };

/** A client without and with hedging, against one server of its own process. */
export interface ClientSides {
  readonly name: 'axios' | 'got';
  /** The reference workload, as many requests in flight as below. */
  readonly reference: Sides;
  /** Answers that come at once: the client's process does nothing but send requests, as fast as it can. */
  readonly saturated: Sides & {
    /** The least that somebody would write instead. */
    readonly byHand: Side;
    /** The same, with a span of its own for each request and its trace context in the headers; no metrics. */
    readonly byHandTraced: Side;
  };
}

export interface Sides {
  readonly plain: Side;
  readonly hedged: Side;
}

/** What is compared: these adapters, or those of another checkout. */
export interface Adapters {
  readonly hedgedAdapter: typeof hedgedAdapter;
  readonly createHedgePlugin: typeof createHedgePlugin;
}

export async function openClients(adapters: Adapters = { hedgedAdapter, createHedgePlugin }): Promise<{ readonly clients: readonly ClientSides[]; readonly close: () => void }> {
  const server: ChildProcess = fork(new URL('./server.js', import.meta.url));
  const [port] = (await once(server, 'message')) as [number];
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const plainAxios = axios.create({ httpAgent: agent, proxy: false });
  const hedgedAxios = axios.create({ httpAgent: agent, proxy: false, adapter: adapters.hedgedAdapter(NEVER_DUE) });
  const plainGot = got.extend({ agent: { http: agent } });
  const hedgedGot = plainGot.extend(adapters.createHedgePlugin(NEVER_DUE));
  const sides = (name: ClientSides['name'], plain: Send, hedged: Send): ClientSides => ({
    name,
    reference: bothInFlight(`http://127.0.0.1:${port}/items/42`, plain, hedged),
    saturated: { ...bothInFlight(atOnce, plain, hedged), byHand: inFlight(() => byHand(plain)), byHandTraced: inFlight(() => traced(plain)) },
  });
  const atOnce = `http://127.0.0.1:${port}/at-once`;
  const byHand = (send: Send): Promise<unknown> => handWritten((signal) => send(atOnce, { signal }), NEVER_DUE.delay.minMs);
  const traced = (send: Send): Promise<unknown> =>
    withSpan(atOnce, (headers) => handWritten((signal) => send(atOnce, { signal, headers }), NEVER_DUE.delay.minMs));
  return {
    clients: [
      sides('axios', (url, more) => plainAxios.get(url, more), (url) => hedgedAxios.get(url)),
      sides('got', (url, more) => plainGot(url, more).json(), (url) => hedgedGot(url).json()),
    ],
    close: () => {
      agent.destroy();
      server.disconnect();
    },
  };
}

type Send = (url: string, more?: { readonly signal: AbortSignal; readonly headers?: Record<string, string> }) => Promise<unknown>;

function bothInFlight(url: string, plain: Send, hedged: Send): Sides {
  return { plain: inFlight(() => plain(url)), hedged: inFlight(() => hedged(url)) };
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
