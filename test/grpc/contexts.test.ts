import type { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InterceptingCall, Metadata, status, type Interceptor } from '@grpc/grpc-js';
import { Hedger, type GrpcHedgeOptions } from '@hedgerow/grpc';
import type { HedgerOptions } from '@hedgerow/core';
import { Witness } from '../support/witness.js';
import { turns } from '../support/wait.js';
import { makeClient, startServer, type GrpcClient, type GrpcServer } from './playground.js';

const CALLS = 200;
/** Where a way is one of many, each of which costs processor time. */
const FEWER = 60;
/** In this a call's own code says which call it is … */
const OWN = 'x-own';
/** … and in this in whose context an interceptor believed to be. */
const CONTEXT = 'x-context';

/** An interceptor as tokens and tracing have them: it reads its context, and watches all that passes. */
function watching(witness: () => Witness, where: string): Interceptor {
  return (options, next) => {
    const id = witness().current ?? -1;
    let own = id;
    const see = (what: string): void => witness().see(`${where}: ${what}`, own);
    /** What it is told goes on to the last of the arguments. */
    const seen =
      (what: string) =>
      (...args: unknown[]): void => {
        see(what);
        (args.pop() as (...rest: unknown[]) => void)(...args);
      };
    return new InterceptingCall(next(options), {
      start(metadata, _listener, go) {
        own = Number(metadata.get(OWN)[0]);
        if (id !== own) see('made in another context');
        see('start');
        metadata.set(CONTEXT, String(witness().current));
        go(metadata, {
          onReceiveMetadata: seen('metadata'),
          onReceiveMessage: seen('message'),
          onReceiveStatus: seen('status'),
        });
      },
      sendMessage: seen('sendMessage'),
      halfClose: seen('halfClose'),
      cancel: seen('cancel'),
    });
  };
}

type Ask = (client: GrpcClient, witness: Witness, id: number) => Promise<unknown>;

const metadataOf = (id: number): Metadata => {
  const metadata = new Metadata();
  metadata.set(OWN, String(id));
  return metadata;
};

const unary: Ask = async (client, witness, id) => {
  const { call, ended } = client.get({}, metadataOf(id));
  for (const event of ['metadata', 'status']) (call as EventEmitter).on(event, () => witness.see(`call: ${event}`, id));
  const { error } = await ended;
  witness.see('the answer', id);
  return error?.code;
};

const streaming: Ask = (client, witness, id) => {
  const stream = client.list({}, metadataOf(id));
  for (const event of ['metadata', 'data', 'end', 'error', 'status', 'close']) (stream as EventEmitter).on(event, () => witness.see(`stream: ${event}`, id));
  return new Promise((resolve) => stream.on('status', ({ code }) => setImmediate(() => resolve(code))));
};

describe.each([['unary', unary], ['streaming', streaming]] as const)('the async context of a %s call', (kind, ask) => {
  let server: GrpcServer;
  let strayed: string[];
  let copies: number;
  let isFailing: boolean;
  beforeEach(async () => {
    server = await startServer();
    strayed = [];
    copies = 0;
    isFailing = false;
    server.script((call) => {
      const [own, context] = [OWN, CONTEXT].map((name) => String(call.metadata.get(name)[0]));
      if (own !== context) strayed.push(`${own} went as ${context}`);
      const isCopy = call.metadata.get('grpc-previous-rpc-attempts').length > 0;
      if (isCopy) copies++;
      const lateMs = isFailing ? (isCopy ? 40 : 0) : isCopy ? 0 : 120;
      setTimeout(() => {
        if (call.isCancelled) return;
        if (isFailing) return call.fail(status.UNAVAILABLE);
        if (kind === 'unary') return call.reply('x');
        void call.send('1').then(() => call.send('2')).then(() => call.end());
      }, lateMs);
    });
  });
  afterEach(() => server.close());

  async function overlap(count: number, options: GrpcHedgeOptions, hedging: HedgerOptions): Promise<Witness> {
    const witness = new Witness();
    const hedger = new Hedger({ delay: 20, budget: false, efficacy: false, maxConcurrentHedges: 1_000, ...hedging });
    const interceptors = { before: [watching(() => witness, 'before')], after: [watching(() => witness, 'after')] };
    const client = makeClient(server.address, { hedger, ...options }, interceptors);
    await new Promise<void>((resolve, reject) => client.stub.waitForReady(Date.now() + 20_000, (error) => (error ? reject(error) : resolve())));
    const calls: Promise<unknown>[] = [];
    for (let id = 0; id < count; id++) {
      calls.push(witness.run(id, () => ask(client, witness, id)));
      if (id % 4 === 3) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(calls);
    await turns(20);
    client.close();
    return witness;
  }

  /**
   * The caller and the interceptors before ours hear everything in the call's own context. What plain grpc-js tells interceptors in foreign
   * ones, those behind ours may be told there; nothing else, and no store may live longer.
   */
  async function compare(count: number, hedging: HedgerOptions = {}): Promise<void> {
    const plain = await overlap(count, { proto: undefined, methods: [] }, {});
    expect([copies, strayed]).toEqual([0, []]);
    const hedged = await overlap(count, {}, hedging);
    expect(copies).toBeGreaterThanOrEqual(count * 0.2);
    expect(strayed).toEqual([]);
    const known = new Set([...plain.foreign.keys(), ...(plain.foreign.has('after: status') ? ['after: cancel'] : [])]);
    expect([...hedged.foreign].filter(([what]) => !known.has(what) || !what.startsWith('after'))).toEqual([]);
    expect([...plain.seen.keys()].filter((what) => !hedged.seen.has(what))).toEqual([]);
    server.close();
    const alive = await plain.countAlive(0, 3);
    expect(await hedged.countAlive(alive)).toBeLessThanOrEqual(alive);
  }

  it.each([
    ['a hedge wins', CALLS, {}],
    ['losers are drained', FEWER, { losers: 'drain' }],
    ['losers wait to be reset, and several copies go out', FEWER, { maxResetsPerSecond: 1, delay: [15, 20], maxHedges: 2 }],
  ] as [string, number, HedgerOptions][])('is its own in all that interceptors and callers see where %s', async (_, count, hedging) => {
    await compare(count, hedging);
  });

  it('is its own where a failure is kept for its hedge', async () => {
    isFailing = true;
    await compare(FEWER, { delay: 0 });
  });

  it('is its own in what options of hedging run', async () => {
    const witness = new Witness();
    const see = (what: string, header: ((name: string) => string | undefined) | undefined): void => witness.see(what, Number(header?.(OWN)));
    const hedger = new Hedger({
      delay: 20,
      budget: false,
      efficacy: false,
      when: ({ header }) => (see('when', header), true),
      accept: ({ request, acceptable }) => (see('accept', request.header), acceptable),
      onHedge: ({ request }) => see('onHedge', request.header),
      onComplete: ({ request }) => see('onComplete', request.header),
    });
    const client = makeClient(server.address, { hedger });
    await Promise.all(Array.from({ length: FEWER }, (_, id) => witness.run(id, () => ask(client, witness, id))));
    for (const what of ['when', 'accept', 'onHedge', 'onComplete']) expect([what, witness.seen.has(what), witness.foreign.get(what)]).toEqual([what, true, undefined]);
    client.close();
  });
});
