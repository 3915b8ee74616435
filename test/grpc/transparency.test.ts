import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InterceptingCall, Metadata, status, type Interceptor } from '@grpc/grpc-js';
import { Hedger, hedgeInfo, hedgingInterceptor, type GrpcHedgeOptions } from '@hedgerow/grpc';
import { contractProto } from '../support/contract-proto.js';
import { measureStalls } from '../support/busy-time.js';
import { testClock } from '../support/clocks.js';
import { turns, until } from '../support/wait.js';
import { makeClient, metadataOf, startServer, type GrpcClient, type GrpcServer } from './playground.js';

describe('a hedged unary call', () => {
  let server: GrpcServer;
  let client: GrpcClient;

  beforeEach(async () => {
    server = await startServer();
    client = makeClient(server.address);
  });
  afterEach(() => {
    client.close();
    server.close();
  });

  it('hands out the winner’s metadata, message, trailers and peer, in that order', async () => {
    const { call, ended } = client.get();
    const [primary, hedge] = [await server.next(), await server.next()];
    primary.call.sendMetadata(metadataOf({ from: 'primary' }));
    hedge.call.sendMetadata(metadataOf({ from: 'hedge' }));
    hedge.reply('hedge', { trailer: 'of the hedge' });
    const { events, metadata, status: end, text } = await ended;
    expect(events).toEqual(['metadata', 'callback', 'status']);
    expect(metadata?.get('from')).toEqual(['hedge']);
    expect(text).toBe('hedge');
    expect(end).toMatchObject({ code: status.OK });
    expect(end?.metadata.get('trailer')).toEqual(['of the hedge']);
    expect(call.getPeer()).toBe(server.address);
    await primary.cancelled;
  });

  it('leaves messages as they are: what hedging did is told by the call, the status and the error', async () => {
    const { call, ended } = client.get();
    const primary = await server.next();
    await server.next();
    primary.fail(status.NOT_FOUND);
    const { error, status: end } = await ended;
    for (const carrier of [call, error, end]) expect(hedgeInfo(carrier)).toMatchObject({ attempts: 2, winner: 0 });
    const plain = client.get({ hedge: { delay: 5_000 } });
    (await server.next()).reply('x');
    const { text } = await plain.ended;
    expect(text).toBe('x');
  });

  it('sends copies the bytes that the caller gave, whatever becomes of the message', async () => {
    const message = { path: '/before' };
    const seen: string[] = [];
    const stub = client.stub as unknown as { GET: (message: object, callback: (error: unknown) => void) => unknown };
    const done = new Promise((resolve) => stub.GET(message, resolve));
    message.path = '/after';
    for (const call of [await server.next(), await server.next()]) {
      seen.push(call.call.request.path);
      if (call.number === 1) call.reply('x');
    }
    await done;
    expect(seen).toEqual(['/before', '/before']);
  });

  it('gives a hedge what is left of the deadline', async () => {
    const deadline = Date.now() + 60_000;
    const { ended } = client.get({ deadline });
    const deadlines = [await server.next(), await server.next()].map(({ call }) => Number(call.getDeadline()));
    for (const each of deadlines) expect(Math.abs(each - deadline)).toBeLessThan(6_000); // the server counts from their arrival
    server.calls[1]?.reply('x');
    await ended;
  });

  it('ends at the deadline, all attempts at once, also one that a service config sets', async () => {
    const timeout = { methodConfig: [{ name: [{}], timeout: '1.500000000s' }] };
    const clock = testClock();
    const other = makeClient(server.address, { delay: 10_000, clock }, { 'grpc.service_config': JSON.stringify(timeout) });
    const startedAt = performance.now();
    const stalls = measureStalls();
    const { ended } = other.get();
    const primary = await server.next();
    await new Promise((resolve) => setTimeout(resolve, 700));
    clock.advance(10_000);
    const hedge = await server.next();
    const { error } = await ended;
    expect(error?.code).toBe(status.DEADLINE_EXCEEDED);
    expect(performance.now() - startedAt - stalls.stop()).toBeLessThan(2_100); // the hedge by itself would have had until 2200
    await Promise.all([primary.cancelled, hedge.cancelled]);
    expect(other.hedger.stats()).toMatchObject({ failed: 1, cancelled: 0 });
    other.close();
  });

  it('cancels every attempt when the caller cancels, and says so as grpc-js does', async () => {
    const { call, ended } = client.get();
    const attempts = [await server.next(), await server.next()];
    call.cancel();
    const { error } = await ended;
    expect(error).toMatchObject({ code: status.CANCELLED, details: 'Cancelled on client' });
    await Promise.all(attempts.map(({ cancelled }) => cancelled));
    expect(client.hedger.stats()).toMatchObject({ cancelled: 1, activeHedges: 0 });
  });

  it('can be cancelled before it has begun', async () => {
    const { call, ended } = client.get();
    call.cancel();
    expect((await ended).error?.code).toBe(status.CANCELLED);
    await turns();
    expect(server.calls.every(({ isCancelled }) => isCancelled)).toBe(true);
  });

  it('is one call to the interceptors before it, and each attempt one to those after it', async () => {
    const counts = { before: 0, after: 0 };
    const counting =
      (name: keyof typeof counts): Interceptor =>
      (options, next) =>
        new InterceptingCall(next(options), {
          start(metadata, listener, go) {
            counts[name]++;
            metadata.add('seen-by', name);
            go(metadata, listener);
          },
        });
    const other = makeClient(server.address, {}, { before: [counting('before')], after: [counting('after')] });
    const { ended } = other.get();
    const [primary, hedge] = [await server.next(), await server.next()];
    hedge.reply('x');
    await ended;
    expect(counts).toEqual({ before: 1, after: 2 });
    for (const { metadata } of [primary, hedge]) expect(metadata.get('seen-by')).toEqual(['before, after']);
    other.close();
  });

  it('throws what an interceptor throws, to the caller, at once', async () => {
    const broken: Interceptor = (options, next) =>
      new InterceptingCall(next(options), {
        start() {
          throw new Error('broken interceptor');
        },
      });
    const other = makeClient(server.address, {}, { after: [broken] });
    const stub = other.stub as unknown as { GET: (message: object, callback: () => void) => unknown };
    expect(() => stub.GET({ path: '/' }, () => undefined)).toThrow('broken interceptor');
    await turns();
    other.close();
  });

  it('keeps metadata options such as waitForReady', async () => {
    const late = await startServer();
    const { address } = late;
    late.close();
    const other = makeClient(address);
    const metadata = new Metadata({ waitForReady: true });
    const { call, ended } = other.get({ hedge: { delay: 60_000 } }, metadata);
    await turns(20);
    call.cancel(); // still waiting, where it would have failed with UNAVAILABLE
    expect((await ended).error?.code).toBe(status.CANCELLED);
    other.close();
  });

  it('learns a delay per procedure and keeps it under the procedure’s name', async () => {
    server.script((call) => call.reply('x'));
    const hedger = new Hedger();
    const other = makeClient(server.address, { hedger });
    for (let index = 0; index < 120; index++) await other.get().ended;
    const [route] = hedger.routes();
    expect(route).toMatchObject({ key: `POST grpc://${server.address}/contract.v1.Unary/GET`, samples: 120 });
    expect(route?.delayMs).toBeGreaterThan(0);
    other.close();
  });

  it('hedges no method that nobody has declared safe', async () => {
    const other = makeClient(server.address, { proto: undefined, delay: 0 });
    server.script((call) => setTimeout(() => call.reply('x'), 20));
    const { call } = await other.get().ended;
    expect(hedgeInfo(call)).toMatchObject({ eligible: false, ineligibleReason: 'method' });
    expect(server.calls.length).toBe(1);
    other.close();
  });

  it.each([
    [['contract.v1.Unary/GET'], 2],
    [['/contract.v1.Unary/GET'], 2],
    [['contract.v1.Unary/*'], 2],
    [['contract.v1.Unary/get'], 1],
    [['contract.v1.Stream/*'], 1],
  ])('takes methods %j', async (methods, expected) => {
    const other = makeClient(server.address, { proto: undefined, methods, delay: 0 });
    server.script((call) => setTimeout(() => call.reply('x'), 5));
    await other.get().ended;
    await until('all attempts have arrived', () => server.calls.length >= expected);
    expect(server.calls.length).toBe(expected);
    other.close();
  });

  it('passes a message that is too large on, once and untouched', async () => {
    const other = makeClient(server.address, { maxReplayBytes: 0, delay: 0 });
    server.script((call) => call.reply('x'));
    const { call, events, text } = await other.get().ended;
    expect(text).toBe('x');
    expect(events).toEqual(['metadata', 'callback', 'status']);
    expect(hedgeInfo(call)).toMatchObject({ eligible: false, ineligibleReason: 'body_too_large' });
    other.close();
  });
});

describe('options of the interceptor', () => {
  it.each([
    [{ methods: ['Greeter'] }, "option `methods[0]` must be 'package.Service/Method' or 'package.Service/*', got \"Greeter\""],
    [{ methods: 'a/b' as unknown as string[] }, 'option `methods` must be a list, got string'],
    [{ nonFatalStatusCodes: ['OK'] as const }, 'option `nonFatalStatusCodes[0]` must be a gRPC status other than OK, got OK'],
    [{ nonFatalStatusCodes: ['LOST' as 'OK'] }, 'must be a gRPC status other than OK, got LOST'],
    [{ hedger: 'mine' as unknown as Hedger }, 'option `hedger` must be a Hedger, got string'],
    [{ maxHedges: -1 }, 'option `maxHedges`'],
    [{ targets: ['http://a.test'] }, 'option `targets` is about HTTP'],
    [{ idempotencyKey: true }, 'option `idempotencyKey` is about HTTP'],
    [{ describe: () => undefined }, 'option `describe` is about HTTP'],
    [{ delay: 'soon' as unknown as number }, 'option `delay`'],
  ])('refuses %j', (options, message) => {
    expect(() => hedgingInterceptor(options as GrpcHedgeOptions)).toThrow(message);
  });

  it('reads from a proto, a service of it or a client class which methods do no harm', () => {
    const service = contractProto['contract.v1.Unary'];
    expect(service).toBeDefined();
    for (const proto of [contractProto, [contractProto]]) expect(() => hedgingInterceptor({ proto, telemetry: false })).not.toThrow();
  });
});
