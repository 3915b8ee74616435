import { Hedger, type HedgerOptions } from '@hedgerow/core';
import type { ReceivedRequest, ScriptedServer } from '../support/scripted-server.js';
import { until } from '../support/wait.js';

/** One call, and what the server does with its attempts. */
export interface Scene {
  readonly name: string;
  readonly options?: HedgerOptions;
  /** Default GET. */
  readonly method?: 'GET' | 'POST';
  /** The URL asked for. Default: `/` of the server. */
  readonly url?: (origin: string) => string;
  /** Whether the caller has no span. Default `false`. */
  readonly orphan?: boolean;
  /** Clients that refuse such a request. */
  readonly without?: readonly string[];
  /** Answers the attempts. */
  readonly play: (stage: SceneStage) => Promise<void>;
}

/** What a scene may act on. */
export interface SceneStage {
  readonly server: ScriptedServer;
  /** What the call is hedged by; it has no other call. */
  readonly hedger: Hedger;
  /** Aborts the caller's signal. */
  readonly abort: () => void;
  /** How the call ended; never rejects. */
  readonly end: Promise<unknown>;
}

const both = async (server: ScriptedServer): Promise<[ReceivedRequest, ReceivedRequest]> => [await server.next(), await server.next()];

async function hedgeWins({ server, end }: SceneStage): Promise<void> {
  const [, hedge] = await both(server);
  hedge.respond();
  await end;
}

/** A Hedger that hedges after 20 ms: the server holds the primary back, so a hedge always comes. */
export function sceneHedger(options: HedgerOptions = {}): Hedger {
  return new Hedger({ delay: 20, budget: false, ...options });
}

export const scenes: readonly Scene[] = [
  {
    name: 'the primary wins',
    play: async ({ server, end }) => {
      const [primary] = await both(server);
      primary.respond();
      await end;
    },
  },
  { name: 'the hedge wins', play: hedgeWins },
  { name: 'no span of the caller', orphan: true, play: hedgeWins },
  { name: 'a signature in the URL', url: (origin) => `${origin}/a?sig=secret&b=1`, play: hedgeWins },
  {
    name: 'user info in the URL',
    url: (origin) => `${origin.replace('//', '//user:secret@')}/a`,
    without: ['axios (fetch)', 'fetch', "undici's fetch", 'undici.request'],
    play: hedgeWins,
  },
  {
    name: 'all fail',
    play: async ({ server, end }) => {
      const [primary, hedge] = await both(server);
      hedge.respond({ status: 503 });
      primary.respond({ status: 500 });
      await end;
    },
  },
  {
    name: 'the caller aborts',
    play: async ({ server, abort, end }) => {
      await both(server);
      abort();
      await end;
    },
  },
  {
    name: 'timed out',
    options: { timeoutMs: 300 },
    play: async ({ end }) => {
      await end;
    },
  },
  {
    name: 'a 404 wins',
    options: { accept: ({ acceptable, status }) => acceptable || status === 404 },
    play: async ({ server, end }) => {
      const [, hedge] = await both(server);
      hedge.respond({ status: 404 });
      await end;
    },
  },
  {
    name: 'the hedge answers 503',
    play: async ({ server, hedger, end }) => {
      const [primary, hedge] = await both(server);
      hedge.respond({ status: 503 });
      await until('the hedge has failed', () => hedger.stats().activeHedges === 0);
      primary.respond();
      await end;
    },
  },
  {
    name: 'a loser is drained',
    options: { losers: 'drain' },
    play: async ({ server, end }) => {
      const [primary, hedge] = await both(server);
      hedge.respond();
      await end;
      primary.respond();
    },
  },
  {
    name: 'the budget is empty',
    options: { budget: { deposit: () => undefined, tryTake: () => false, usage: () => ({ used: 10, limit: 10 }) } },
    play: async ({ server, hedger, end }) => {
      const primary = await server.next();
      await until('the hedge is refused', () => hedger.stats().suppressions.budget_exhausted > 0);
      primary.respond();
      await end;
    },
  },
  {
    name: 'not eligible',
    method: 'POST',
    play: async ({ server, end }) => {
      const primary = await server.next();
      primary.respond();
      await end;
    },
  },
];
