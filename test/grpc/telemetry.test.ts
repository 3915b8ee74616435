import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import { status } from '@grpc/grpc-js';
import { startSdk, type Sdk } from '../opentelemetry/sdk.js';
import { makeClient, startServer, type GrpcClient, type GrpcServer } from './playground.js';

describe('telemetry of gRPC calls', () => {
  let server: GrpcServer;
  let client: GrpcClient;
  let sdk: Sdk;

  beforeEach(async () => {
    sdk = startSdk();
    server = await startServer();
    client = makeClient(server.address, { telemetry: {} });
  });
  afterEach(async () => {
    client.close();
    server.close();
    await sdk.stop();
  });

  it('is nested: a call span with the procedure, a span for each attempt, and a trace context for each server', async () => {
    const root = trace.getTracer('test').startSpan('caller');
    const { ended } = client.get();
    const attempts = [await server.next(), await server.next()];
    attempts[1]?.reply('hedge');
    await ended;
    root.end();
    const [call, primary, hedge] = sdk.spans().filter(({ name }) => name !== 'caller');
    const [host, port] = server.address.split(':');
    expect(call).toMatchObject({
      name: 'hedge contract.v1.Unary/GET',
      kind: 'INTERNAL',
      status: 'UNSET',
      attributes: {
        'rpc.system': 'grpc',
        'rpc.service': 'contract.v1.Unary',
        'rpc.method': 'GET',
        'server.address': host,
        'server.port': Number(port),
        'hedge.attempt.count': 2,
        'hedge.winner.number': 1,
      },
    });
    expect(primary).toMatchObject({
      name: 'hedge.attempt',
      kind: 'INTERNAL',
      parent: call?.id,
      status: 'UNSET',
      attributes: { 'hedge.attempt.number': 0, 'hedge.attempt.outcome': 'cancelled', 'hedge.attempt.winner': false },
    });
    expect(hedge).toMatchObject({
      parent: call?.id,
      status: 'UNSET',
      attributes: { 'hedge.attempt.number': 1, 'hedge.attempt.outcome': 'won', 'rpc.grpc.status_code': 0 },
    });
    const parents = attempts.map(({ metadata }) => String(metadata.get('traceparent')[0]));
    expect(parents.map((value) => value.split('-')[2])).toEqual([primary?.id, hedge?.id]);
    expect(sdk.clients()).toEqual([]);
  });

  it('names statuses in error.type, and calls an attempt that failed and was raced away no error of the call', async () => {
    const { ended } = client.get();
    const primary = await server.next();
    (await server.next()).fail(status.UNAVAILABLE);
    await new Promise((resolve) => setTimeout(resolve, 20));
    primary.fail(status.NOT_FOUND);
    await ended;
    const [call, first, hedge] = sdk.spans();
    expect(hedge).toMatchObject({ status: 'ERROR', attributes: { 'error.type': 'UNAVAILABLE', 'rpc.grpc.status_code': 14 } });
    expect(first).toMatchObject({ status: 'ERROR', attributes: { 'error.type': 'NOT_FOUND', 'hedge.attempt.outcome': 'won' } });
    expect(call).toMatchObject({ status: 'UNSET' });
  });

  it('counts calls and attempts like those of other clients', async () => {
    server.script((call) => call.fail(status.INTERNAL));
    await client.get({ hedge: { delay: 60_000 } }).ended;
    await client.get({ hedge: false }).ended;
    expect(await sdk.total('hedge.requests')).toBe(2);
    expect(await sdk.total('hedge.attempts', { 'hedge.attempt.type': 'primary' })).toBe(2);
    const [failed] = await sdk.points('hedge.request.duration');
    expect(failed?.attributes).toEqual({ 'error.type': 'INTERNAL' });
  });
});
