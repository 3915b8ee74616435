import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { hedgeInfo, type GrpcHedgeOptions } from '@hedgerow/grpc';
import { testClock, type TestClock } from '../support/clocks.js';
import { turns, until } from '../support/wait.js';
import { makeClient, startServer, type Ended, type GrpcClient, type GrpcServer, type ReceivedCall } from './playground.js';

interface OneHedge {
  readonly ended: Promise<Ended>;
  readonly primary: ReceivedCall;
  readonly hedge: ReceivedCall;
}

/** Time for what is under way between client and server to arrive. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 20));
  await turns();
}

const PUSHBACK = 'grpc-retry-pushback-ms';

describe('pushback and failures', () => {
  let server: GrpcServer;
  let client: GrpcClient;
  let clock: TestClock;

  beforeEach(async () => {
    server = await startServer();
    clock = testClock();
  });
  afterEach(() => {
    client.close();
    server.close();
  });

  /** A call whose first hedge has been sent, by a clock that the test moves. */
  async function oneHedge(options: GrpcHedgeOptions): Promise<OneHedge> {
    client = makeClient(server.address, { ...options, clock });
    const { ended } = client.get();
    const primary = await server.next();
    clock.advance(1_000);
    return { ended, primary, hedge: await server.next() };
  }

  async function noMoreAttempts(): Promise<void> {
    await until('the hedge has failed', () => client.hedger.stats().activeHedges === 0);
    clock.advance(60_000);
    await settle();
    expect(server.calls.length).toBe(2);
  }

  it('gives a server that is always UNAVAILABLE no more than the budget allows', async () => {
    client = makeClient(server.address, { budget: { ratio: 0.1, burst: 5 }, hedgeOnFailure: true, delay: 0 });
    server.script((call) => call.fail(status.UNAVAILABLE));
    for (let call = 0; call < 200; call++) expect((await client.get().ended).error?.code).toBe(status.UNAVAILABLE);
    const hedges = server.calls.length - 200;
    expect(hedges).toBe(client.hedger.stats().attempts.hedge);
    expect(hedges).toBeGreaterThanOrEqual(20);
    expect(hedges).toBeLessThanOrEqual(25); // burst + ratio × calls
  });

  it('leaves the healthy primary alone when a hedge is told not to come back', async () => {
    const { ended, primary, hedge } = await oneHedge({ delay: [1_000, 2_000] });
    hedge.fail(status.UNAVAILABLE, { [PUSHBACK]: '-1' });
    await noMoreAttempts();
    expect(primary.isCancelled).toBe(false);
    primary.reply('primary');
    expect(await ended).toMatchObject({ text: 'primary', error: null });
  });

  it.each(['soon', '', '1.5', '0x10', '5 ms', '-7'])('sends no further hedge after a pushback of %j', async (value) => {
    const { ended, primary, hedge } = await oneHedge({ delay: [1_000, 2_000, 3_000] });
    hedge.fail(status.UNAVAILABLE, { [PUSHBACK]: value });
    await noMoreAttempts();
    primary.reply('primary');
    expect(await ended).toMatchObject({ text: 'primary' });
  });

  it('goes on hedging after a failed hedge that says nothing', async () => {
    const { ended, hedge } = await oneHedge({ delay: [1_000, 2_000] });
    hedge.fail(status.UNAVAILABLE);
    await until('the hedge has failed', () => client.hedger.stats().activeHedges === 0);
    clock.advance(1_000);
    (await server.next()).reply('second');
    expect(await ended).toMatchObject({ text: 'second' });
  });

  it('waits as long as it is told before the next hedge, and then sends it', async () => {
    const { ended, hedge } = await oneHedge({ delay: [1_000, 2_000] });
    hedge.fail(status.UNAVAILABLE, { [PUSHBACK]: '60000' });
    await until('the hedge has failed', () => client.hedger.stats().activeHedges === 0);
    clock.advance(58_000);
    await settle();
    expect(server.calls.length).toBe(2);
    clock.advance(3_000);
    (await server.next()).reply('second');
    expect(await ended).toMatchObject({ text: 'second' });
  });

  it('waits as long as it is told before it replaces a failed primary', async () => {
    client = makeClient(server.address, { delay: 1_000, hedgeOnFailure: true, clock });
    const { ended } = client.get();
    (await server.next()).fail(status.UNAVAILABLE, { [PUSHBACK]: '60000' });
    await settle();
    clock.advance(58_000);
    await settle();
    expect(server.calls.length).toBe(1);
    clock.advance(3_000);
    (await server.next()).reply('hedge');
    expect(await ended).toMatchObject({ text: 'hedge' });
  });

  it('returns the failed primary when the hedge it waited for is refused', async () => {
    const budget = { deposit: () => undefined, tryTake: () => false };
    client = makeClient(server.address, { delay: [5], hedgeOnFailure: true, budget });
    const { ended } = client.get();
    (await server.next()).fail(status.UNAVAILABLE, { [PUSHBACK]: '30' });
    const { error } = await ended;
    expect(error?.code).toBe(status.UNAVAILABLE);
    expect(hedgeInfo(error)).toMatchObject({ attempts: 1, suppressionReason: 'budget_exhausted' });
  });

  it('fails at once when the primary is told not to come back', async () => {
    client = makeClient(server.address, { delay: [5_000], hedgeOnFailure: true });
    const { ended } = client.get();
    (await server.next()).fail(status.UNAVAILABLE, { [PUSHBACK]: '-1' });
    expect((await ended).error?.code).toBe(status.UNAVAILABLE);
    expect(server.calls.length).toBe(1);
  });

  it('decides at once by a fatal status of the primary', async () => {
    client = makeClient(server.address);
    const { ended } = client.get();
    const primary = await server.next();
    const hedge = await server.next();
    primary.fail(status.INVALID_ARGUMENT);
    expect((await ended).error).toMatchObject({ code: status.INVALID_ARGUMENT, details: 'failed 0' });
    await hedge.cancelled;
  });

  it('takes the user’s word on which statuses are fatal', async () => {
    client = makeClient(server.address, { nonFatalStatusCodes: ['NOT_FOUND'] });
    const one = client.get();
    const primary = await server.next();
    (await server.next()).fail(status.NOT_FOUND);
    await turns(20);
    primary.reply('found');
    expect(await one.ended).toMatchObject({ text: 'found' });

    const two = client.get();
    const [decisive] = [await server.next(), await server.next()];
    decisive.fail(status.UNAVAILABLE);
    expect((await two.ended).error?.code).toBe(status.UNAVAILABLE);
  });
});

describe('channel retries', () => {
  const serviceConfig = JSON.stringify({
    methodConfig: [
      {
        name: [{}],
        retryPolicy: {
          maxAttempts: 4,
          initialBackoff: '0.001s',
          maxBackoff: '0.001s',
          backoffMultiplier: 1,
          retryableStatusCodes: ['UNAVAILABLE'],
        },
      },
    ],
  });

  it.each([
    ['multiply attempts', 'on', 1, 8],
    ['do not multiply attempts', 'off', 0, 2],
  ])('%s when they are %s', async (_what, _state, enabled, expected) => {
    const server = await startServer();
    const channel = { 'grpc.service_config': serviceConfig, 'grpc.enable_retries': enabled };
    const client = makeClient(server.address, { delay: 0 }, channel);
    try {
      server.script((call) => call.fail(status.UNAVAILABLE));
      expect((await client.get().ended).error?.code).toBe(status.UNAVAILABLE);
      expect(server.calls.length).toBe(expected);
    } finally {
      client.close();
      server.close();
    }
  });
});
