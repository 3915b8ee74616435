import { afterEach, beforeEach, expect } from '@jest/globals';
import type { AttemptView, HedgerOptions } from '@hedgerow/core';
import { testClock, type TestClock } from '../support/clocks.js';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import { startScriptedServer, type ReceivedRequest, type ScriptedServer } from '../support/scripted-server.js';
import { until, within } from '../support/wait.js';
import { outcomeOf, type ContractClient, type ContractDriver, type ContractRequest, type Outcome } from './driver.js';

/** What every case starts from: a fresh server, and clients whose leftovers are looked for after the case. */
export interface Stage {
  readonly driver: ContractDriver;
  readonly server: ScriptedServer;
  /** Starts another one like it. */
  startServer(): Promise<ScriptedServer>;
  /** The clock of all clients of this case. */
  readonly clock: TestClock;
  /** A client that hedges after 10 ms without a budget, so that a hedge comes because the test holds the primary back. */
  client(options?: HedgerOptions): StageClient;
}

/** A client on the stage. */
export interface StageClient extends ContractClient {
  /** Sends a GET of `/` on the stage's server, or what `request` says instead; fails if it does not end within 10 s. */
  ask(request?: Partial<ContractRequest> & { readonly path?: string }): Promise<Outcome>;
  /** Attempts whose outcome the Hedger knows, in that order. */
  readonly ended: readonly AttemptView[];
  /** Waits until the Hedger knows the outcome of this many attempts. */
  haveEnded(count: number): Promise<void>;
}

/** Sets up and clears a {@link Stage} around each case of the surrounding `describe`. */
export function useStage(driver: ContractDriver): Stage {
  const { startServer = startScriptedServer } = driver;
  let server: ScriptedServer;
  let clock: TestClock;
  let rejections: RejectionCounter;
  let clients: StageClient[];

  beforeEach(async () => {
    server = await startServer();
    clock = testClock();
    rejections = countUnhandledRejections();
    clients = [];
  });

  afterEach(async () => {
    try {
      for (const { hedger } of clients) await until('no hedge is under way', () => hedger.stats().activeHedges === 0);
      await until('no timer is left', () => clock.pending === 0);
      expect(await rejections.count()).toBe(0);
    } finally {
      rejections.stop();
      for (const { hedger, close } of clients) {
        hedger.dispose();
        close?.();
      }
      await server.close();
    }
  });

  return {
    driver,
    startServer,
    get server() {
      return server;
    },
    get clock() {
      return clock;
    },
    client(options) {
      const client = stageClient(driver.create({ delay: 10, budget: false, clock, ...options }), () => server.origin);
      clients.push(client);
      return client;
    },
  };
}

function stageClient(client: ContractClient, origin: () => string): StageClient {
  const ended: AttemptView[] = [];
  client.hedger.observe({ onCall: () => ({ onAttemptEnd: (attempt) => void ended.push(attempt) }) });
  return {
    hedger: client.hedger,
    close: () => client.close?.(),
    request: (request) => client.request(request),
    ask: ({ path = '/', ...request } = {}) =>
      within(10_000, `${path} to end`, outcomeOf(client.request({ url: origin() + path, ...request }))),
    ended,
    haveEnded: (count) => until(`${count} attempts have ended`, () => ended.length >= count),
  };
}

/** Waits until the server sees that the client closed this request's connection without an answer. */
export async function closedByClient(request: ReceivedRequest): Promise<number> {
  return within(5_000, `request ${request.number} to be closed by the client`, request.gone);
}

/** Takes the next `count` requests off the server. */
export async function take<const N extends number>(server: ScriptedServer, count: N): Promise<Taken<N>> {
  const taken: ReceivedRequest[] = [];
  while (taken.length < count) taken.push(await server.next());
  return taken as Taken<N>;
}

type Taken<N extends number> = N extends 2
  ? [ReceivedRequest, ReceivedRequest]
  : N extends 3
    ? [ReceivedRequest, ReceivedRequest, ReceivedRequest]
    : [ReceivedRequest, ReceivedRequest, ReceivedRequest, ReceivedRequest];
