import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { describe, expect, it } from '@jest/globals';
import { startCluster, type Cluster, type ClusterOptions } from 'hedgerow';
import type { Arrival } from '../../packages/cli/src/cluster/visit.js';
import type * as grpc from '../../packages/cli/src/cluster/grpc.js';
import { internal } from './internal.js';

const { GET } = (await import(internal('cluster/grpc.js'))) as typeof grpc;

/** Quick servers, so that tests do not wait for the reference workload. */
const FAST: ClusterOptions = { latency: { meanMs: 1, sdMs: 0, stragglers: 0 } };

interface Sent {
  readonly response: IncomingMessage;
  readonly body: string;
}

async function send(url: string, options: { method?: string; body?: string; headers?: Record<string, string> } = {}): Promise<Sent> {
  const outgoing = request(url, { method: options.method ?? 'GET', headers: options.headers ?? {}, agent: false });
  outgoing.end(options.body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  return { response, body: await text(response) };
}

async function latencies(cluster: Cluster, count: number): Promise<string[]> {
  const seen: string[] = [];
  for (let call = 0; call < count; call++) seen.push((await send(`${cluster.url}/items`)).body);
  return seen;
}

function overGrpc(target: string) {
  const spread = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });
  const client = new Client(target, credentials.createInsecure(), { 'grpc.service_config': spread });
  const send = (request: grpc.Request, metadata = new Metadata()) => {
    let cancel: () => void = () => undefined;
    const answer = new Promise<Arrival | undefined>((resolve, reject) => {
      const done = (error: ServiceError | null, value?: Arrival) => (error ? reject(error) : resolve(value));
      const call = client.makeUnaryRequest(GET.path, GET.requestSerialize, GET.responseDeserialize, request, metadata, done);
      cancel = () => call.cancel();
    });
    return { answer, cancel };
  };
  return { client, send };
}

describe.each([
  ['in this thread', false],
  ['in a thread of its own', true],
])('cluster %s', (_, isolated) => {
  const start = (options: ClusterOptions = FAST) => startCluster({ isolated, ...options });

  it('gives requests to the backends in turn, with latencies that repeat with the seed and after a reset', async () => {
    await using cluster = await start({ latency: { meanMs: 1, sdMs: 1 }, seed: 5 });
    await using again = await start({ latency: { meanMs: 1, sdMs: 1 }, seed: 5 });
    await using other = await start({ latency: { meanMs: 1, sdMs: 1 }, seed: 6 });
    const first = await latencies(cluster, 7);
    expect(first.map((body) => (JSON.parse(body) as { backend: number }).backend)).toEqual([0, 1, 2, 0, 1, 2, 0]);
    expect(await latencies(again, 7)).toEqual(first);
    expect(await latencies(other, 7)).not.toEqual(first);
    await cluster.reset();
    expect(await latencies(cluster, 7)).toEqual(first);
  });

  it('counts what arrived, per server and per route, until it is reset', async () => {
    await using cluster = await start({ ...FAST, backends: 2 });
    for (const path of ['/a', '/a?x=1', '/b']) await send(cluster.url + path);
    await send(`${cluster.url}/a`, { method: 'POST', body: 'hello' });
    const done = (count: number) => ({ received: count, answered: count, aborted: 0 });
    expect(await cluster.settled()).toEqual({
      balancer: done(4),
      backends: [done(2), done(2)],
      routes: { 'GET /a': done(2), 'GET /b': done(1), 'POST /a': done(1) },
      traceparents: [],
    });
    await cluster.reset();
    expect(await cluster.counts()).toEqual({ balancer: done(0), backends: [done(0), done(0)], routes: {}, traceparents: [] });
  });

  it('stops the backend when the client gives up, and says so', async () => {
    await using cluster = await start();
    const outgoing = request(`${cluster.url}/slow?ms=60000`, { agent: false });
    outgoing.on('error', () => undefined);
    outgoing.end();
    while ((await cluster.counts()).routes['GET /slow']?.received !== 1) await new Promise(setImmediate);
    outgoing.destroy();
    const counts = await cluster.settled();
    expect(counts.balancer).toEqual({ received: 1, answered: 0, aborted: 1 });
    expect(counts.routes['GET /slow']).toEqual({ received: 1, answered: 0, aborted: 1 });
  });

  it('answers as the query asks: status, Retry-After, bytes', async () => {
    await using cluster = await start();
    const limited = await send(`${cluster.url}/a?status=429&retryAfter=3`);
    expect([limited.response.statusCode, limited.response.headers['retry-after']]).toEqual([429, '3']);
    const big = await send(`${cluster.url}/a?bytes=1000000`);
    expect(big.body).toHaveLength(1_000_000);
    const head = await send(`${cluster.url}/a`, { method: 'HEAD' });
    expect([head.response.statusCode, head.body]).toEqual([200, '']);
  });

  it('makes 502 of a backend that hangs up, and goes on', async () => {
    await using cluster = await start();
    expect((await send(`${cluster.url}/a?drop=1`)).response.statusCode).toBe(502);
    expect((await send(`${cluster.url}/a`)).response.statusCode).toBe(200);
  });

  it('remembers traceparent headers on demand', async () => {
    await using cluster = await start({ ...FAST, recordTraceparents: true });
    await send(cluster.url, { headers: { traceparent: '00-a-b-01' } });
    await send(cluster.url, { headers: { traceparent: '00-a-c-01' } });
    expect((await cluster.settled()).traceparents).toEqual([
      { backend: 0, traceparent: '00-a-b-01' },
      { backend: 1, traceparent: '00-a-c-01' },
    ]);
  });

  it('answers gRPC on demand, at all backends, with the latencies and counts of HTTP', async () => {
    await using cluster = await start({ latency: { meanMs: 1, sdMs: 1 }, grpc: true, backends: 2, recordTraceparents: true });
    const overHttp = (await latencies(cluster, 2)).map((body) => JSON.parse(body) as Arrival);
    await cluster.reset();
    const metadata = new Metadata();
    metadata.set('traceparent', '00-a-b-01');
    const { client, send: call } = overGrpc(String(cluster.grpcTarget));
    // round_robin makes do with the first connection until the second one stands.
    const answers: unknown[] = [];
    while ((await cluster.counts()).backends.some(({ received }) => received === 0)) answers.push(await call({}, metadata).answer);
    client.close();
    expect(answers).toEqual(expect.arrayContaining(overHttp));
    const { balancer, routes, traceparents } = await cluster.settled();
    expect(balancer.received).toBe(0);
    expect(routes).toEqual({ 'POST /hedgerow.Cluster/Get': { received: answers.length, answered: answers.length, aborted: 0 } });
    expect(traceparents.map(({ backend }) => backend)).toEqual(answers.map((answer) => (answer as Arrival).backend));
    await using without = await start();
    expect(without.grpcTarget).toBeUndefined();
  });

  it('stops the backend when a gRPC call is cancelled, and says so', async () => {
    await using cluster = await start({ ...FAST, grpc: true });
    const { client, send: call } = overGrpc(String(cluster.grpcTarget));
    const { answer, cancel } = call({ ms: 60_000 });
    const failed = expect(answer).rejects.toMatchObject({ code: status.CANCELLED });
    while ((await cluster.counts()).routes['POST /hedgerow.Cluster/Get']?.received !== 1) await new Promise(setImmediate);
    cancel();
    await failed;
    expect((await cluster.settled()).routes).toEqual({ 'POST /hedgerow.Cluster/Get': { received: 1, answered: 0, aborted: 1 } });
    client.close();
  });

  it('gives single paths a latency of their own', async () => {
    await using cluster = await start({ ...FAST, routes: { '/search': { meanMs: 20, sdMs: 0, stragglers: 0 } } });
    const latencyMs = async (path: string) =>
      (JSON.parse((await send(cluster.url + path)).body) as { latencyMs: number }).latencyMs;
    expect(await latencyMs('/search?q=x')).toBeCloseTo(20, 6);
    expect(await latencyMs('/items')).toBeCloseTo(1, 6);
  });

  it('answers when the latency has passed, to within a millisecond', async () => {
    await using cluster = await start();
    for (const ms of [20, 5.6]) {
      const begin = performance.now();
      await send(`${cluster.url}/a?ms=${ms}`);
      expect(performance.now() - begin).toBeGreaterThanOrEqual(ms - 1);
    }
  });

  it('closes twice without harm, cuts what is under way and listens no more', async () => {
    const cluster = await start();
    const outgoing = request(`${cluster.url}/slow?ms=60000`, { agent: false });
    const failed = once(outgoing, 'error');
    outgoing.end();
    while ((await cluster.counts()).balancer.received !== 1) await new Promise(setImmediate);
    await Promise.all([cluster.close(), cluster.close()]);
    await cluster.close();
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }]);
    const [error] = (await once(connect(Number(new URL(cluster.url).port), '127.0.0.1'), 'error')) as [Error];
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it.each([
    [{ backends: 0 }, 'backends: expected a whole number from 1 to 64, got 0'],
    [{ seed: 1.5 }, 'seed: expected a whole number from 0 to 4294967295, got 1.5'],
    [{ routes: { '/a': { stragglers: 2 } } }, "routes['/a'].stragglers: expected a number from 0 to 1, got 2"],
  ])('refuses %j', async (options, message) => {
    await expect(start(options)).rejects.toMatchObject({ name: 'RangeError', message });
  });
});
