import http from 'node:http';
import { credentials, Metadata } from '@grpc/grpc-js';
import axios from 'axios';
import { afterEach, describe, expect, it } from '@jest/globals';
import { hedgedAdapter } from '@hedgerow/axios';
import { hedgeInfo } from '@hedgerow/core';
import { hedgedFetch } from '@hedgerow/fetch';
import { hedgingInterceptor } from '@hedgerow/grpc';
import { shedHedges } from '@hedgerow/server';
import { contractService, type AnswerMessage } from '../support/contract-proto.js';
import { until } from '../support/wait.js';
import { startGrpc } from './grpc-host.js';
import { HOSTS, type Host } from './hosts.js';

let host: Host | undefined;
afterEach(async () => {
  await host?.close();
  host = undefined;
});

const eager = { delay: 5, budget: false, markHedges: true, telemetry: false } as const;

describe('client and server', () => {
  it.each(['axios', 'fetch'])('copies that meet: the primary is answered, its copy shed: %s', async (client) => {
    const guard = shedHedges();
    const waiting: (() => void)[] = [];
    host = await HOSTS['node:http']?.(() => new Promise((resolve) => waiting.push(() => resolve('ok'))), guard);
    const { origin = '' } = host ?? {};
    const agent = new http.Agent();
    const call = client === 'axios' ? axios.create({ adapter: hedgedAdapter(eager), httpAgent: agent }).get(origin) : hedgedFetch(eager)(origin);
    await until('the copy is shed', () => guard.stats().shed.collision === 1);
    expect(waiting).toHaveLength(1);
    waiting[0]?.();
    const response = await call;
    expect(response.status).toBe(200);
    expect(hedgeInfo(response)).toMatchObject({ winner: 0, attempts: 2, suppressionReason: 'shed', collision: true });
    agent.destroy();
  });

  it('of gRPC', async () => {
    const guard = shedHedges({ isBusy: () => true, collisions: false });
    const waiting: (() => void)[] = [];
    const server = await startGrpc(() => new Promise((resolve) => waiting.push(() => resolve('ok'))), guard);
    const { service } = contractService('Unary');
    const ClientClass = contractService('Unary');
    const client = new ClientClass(server.address, credentials.createInsecure(), { interceptors: [hedgingInterceptor({ ...eager, methods: [service.GET?.path.slice(1) ?? ''] })] });
    const method = service.GET;
    if (method === undefined) throw new Error('no method');
    const answered = new Promise<AnswerMessage | undefined>((resolve, reject) => {
      client.makeUnaryRequest(method.path, method.requestSerialize, method.responseDeserialize, { path: '/', body: Buffer.alloc(0) }, new Metadata(), (error, value) => (error ? reject(error) : resolve(value as AnswerMessage)));
    });
    await until('the copy is shed', () => guard.stats().shed.busy === 1);
    waiting[0]?.();
    expect(Buffer.from((await answered)?.data ?? []).toString()).toBe('ok');
    expect(guard.stats()).toMatchObject({ originals: 1, hedges: 1 });
    client.close();
    server.close();
  });
});
