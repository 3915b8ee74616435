import { Readable } from 'node:stream';
import { expect } from '@jest/globals';
import { ConnectError, createContextValues, type CallOptions, type Interceptor, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { hedgeInfo, hedgedInterceptor, hedgeKey, isHedge, type ConnectCallHedgeOptions } from '@hedgerow/connect';
import { Hedger, type CompleteEvent, type HedgerOptions } from '@hedgerow/core';
import { contractClient, type ContractProcedures } from '../support/connect-schema.js';
import type { AnswerKind, RequestMessage } from '../support/contract-proto.js';
import { startHoldingServer } from '../support/holding-server.js';
import { startScriptedConnectServer } from '../support/scripted-connect-server.js';
import { HEADER, STATUS } from '../support/scripted-grpc-server.js';
import { until } from '../support/wait.js';
import type { ContractDriver, ContractRequest, ContractResponse, ContractSubstitute } from './driver.js';
import { procedureSubstitutes } from './procedure-substitutes.js';
import { take } from './stage.js';

/** What a transport speaks, and over what. */
export interface Dialect {
  readonly protocol: 'Connect' | 'gRPC' | 'gRPC-web';
  readonly httpVersion: '1.1' | '2';
}

type MakeTransport = (options: object) => Transport;

const TRANSPORTS = { Connect: createConnectTransport as MakeTransport, gRPC: createGrpcTransport as MakeTransport, 'gRPC-web': createGrpcWebTransport as MakeTransport };

/**
 * Whether Connect knows errors of Node's as errors, which it then looks into. jest gives tests an `Error` of their own, and Connect with them: there all that Node throws
 * is Internal to it, with hedging and without.
 */
export const IS_ONE_REALM: boolean = AbortSignal.abort().reason instanceof Error;

/** Connect-ES, answered by one message or by a stream: HTTP's methods are procedures, its statuses codes, its headers metadata. */
export function connectDriver(kind: AnswerKind, { protocol, httpVersion }: Dialect): ContractDriver {
  return {
    name: `${protocol} over HTTP/${httpVersion}, ${kind === 'Unary' ? 'unary' : 'server streaming'}`,
    raceUntil: kind === 'Unary' ? 'body' : 'headers',
    hedgeInfo,
    isHedge,
    startServer: () => startScriptedConnectServer(kind, httpVersion),
    startHoldingServer: (held) => startHoldingServer(held, httpVersion === '2' ? './holding-connect-http2-worker.js' : './holding-connect-worker.js'),
    instead: {
      ...procedureSubstitutes({
        kind,
        system: protocol === 'Connect' ? 'connect_rpc' : 'grpc',
        scheme: 'http',
        countsAttempts: protocol === 'gRPC',
        hasOneConnection: httpVersion === '2',
      }),
      'counts together what clients do that share a Hedger': countedTogether,
      'tells who has aborted, by his error, what hedging did': toldOnComplete,
    },
    errors: {
      // Its code depends on the version where there are two realms.
      aborted: { name: 'ConnectError', rawMessage: expect.stringMatching(/This operation was aborted$/) as unknown },
      timeout: { code: 4, rawMessage: 'the operation timed out' },
      reset: { code: httpVersion === '1.1' && IS_ONE_REALM ? 10 : 13 },
      hedgeTimeout: { code: 4 },
    },
    create({ hedger, methods, ...options }) {
      const scheduler = hedger ?? new Hedger(options);
      const interceptor = hedgedInterceptor({
        hedger: scheduler,
        ...(hedger && withoutHttp(options)),
        // What is only idempotent is not hedged unasked.
        methods: procedures([...(methods ?? []), 'OPTIONS']),
      });
      const clients = new Map<string, ContractProcedures>();
      const clientFor = (origin: string): ContractProcedures => {
        const client = clients.get(origin) ?? contractClient(makeTransport({ protocol, httpVersion }, origin, [interceptor]), kind);
        clients.set(origin, client);
        return client;
      };
      return { hedger: scheduler, request: (request) => ask(clientFor(new URL(request.url).origin), request, kind) };
    },
  };
}

const countedTogether: ContractSubstitute = {
  because: 'what has no side effects is hedged whatever `methods` lists',
  shows: 'counts together what clients do that share a Hedger',
  async run(stage) {
    const { driver, server } = stage;
    const first = stage.client();
    const second = driver.create({ hedger: first.hedger, methods: ['DELETE'] });
    server.script((request) => request.respond());
    await first.ask();
    await second.request({ url: server.origin });
    await second.request({ url: server.origin, method: 'PUT', body: 'x' });
    expect(first.hedger.stats()).toMatchObject({ calls: 3, eligible: 2, attempts: { primary: 2 } });
    expect(second.hedger).toBe(first.hedger);
  },
};

const toldOnComplete: ContractSubstitute = {
  because: 'from 2.3 on Connect makes his error outside of all interceptors',
  shows: 'tells `onComplete` what hedging did when the caller aborts',
  async run(stage) {
    const events: CompleteEvent[] = [];
    const client = stage.client({ maxHedges: 2, onComplete: (event) => void events.push(event) });
    const controller = new AbortController();
    const call = client.ask({ signal: controller.signal });
    await take(stage.server, 3);
    controller.abort();
    const { error } = await call;
    await until('the call is complete', () => events.length > 0);
    expect(events).toMatchObject([{ attempts: 3, winner: undefined }]);
    // Before 2.3 the error tells it, too.
    expect([undefined, 3]).toContain(hedgeInfo(error)?.attempts);
  },
};

/** A transport of connect-node. */
export function makeTransport({ protocol, httpVersion }: Dialect, baseUrl: string, interceptors: Interceptor[], more: object = {}): Transport {
  return TRANSPORTS[protocol]({ baseUrl, httpVersion, interceptors, ...(httpVersion === '2' && { idleConnectionTimeoutMs: 1_000 }), ...more });
}

/** Options that the suite has for all clients, as the types let an interceptor have them. */
function withoutHttp(options: HedgerOptions): ConnectCallHedgeOptions {
  return options;
}

function procedures(methods: readonly string[]): string[] {
  const names = methods.flatMap((method) => [method.toUpperCase(), `${method.toUpperCase()}_STREAM`]);
  return names.flatMap((name) => [`contract.v1.Unary/${name}`, `contract.v1.Stream/${name}`]);
}

async function ask(client: ContractProcedures, request: ContractRequest, kind: AnswerKind): Promise<ContractResponse> {
  const { method = 'GET', url, headers = {}, body, signal, timeoutMs, hedge } = request;
  const { pathname, search } = new URL(url);
  let responseHeaders = new Headers();
  const options: CallOptions = {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [HEADER + name.toLowerCase(), value])),
    onHeader: (received) => (responseHeaders = received),
    ...(signal !== undefined && { signal }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(hedge !== undefined && { contextValues: createContextValues().set(hedgeKey, hedge === false ? hedge : callOptions(hedge)) }),
  };
  const isStreamed = body instanceof Readable;
  const procedure = client[isStreamed ? `${method}_STREAM` : method];
  if (procedure === undefined) throw new Error(`no procedure ${method}`);
  const message: RequestMessage = { path: pathname + search, body: isStreamed ? Buffer.alloc(0) : Buffer.from(body ?? '') };
  try {
    const pieces: Uint8Array[] = [];
    const answer = procedure(isStreamed ? messagesOf(body) : message, options);
    if (kind === 'Unary') pieces.push((await answer).data);
    else for await (const { data } of answer) pieces.push(data);
    const status = Number(responseHeaders.get(STATUS));
    return { status, headers: Object.fromEntries(responseHeaders), body: Buffer.concat(pieces), carrier: responseHeaders };
  } catch (error) {
    throw withResponse(error);
  }
}

async function* messagesOf(body: AsyncIterable<Uint8Array>): AsyncIterable<RequestMessage> {
  for await (const piece of body) yield { path: '', body: piece };
}

/** The names of HTTP methods become those of procedures. */
function callOptions({ methods, ...options }: HedgerOptions): ConnectCallHedgeOptions {
  return { ...withoutHttp(options), ...(methods && { methods: procedures(methods) }) };
}

/** What a server answered with a bad status, for `outcomeOf`. */
function withResponse(error: unknown): unknown {
  const status = error instanceof ConnectError ? error.metadata.get(STATUS) : null;
  return status === null ? error : Object.assign(error as ConnectError, { response: { status: Number(status), data: (error as ConnectError).rawMessage } });
}
