import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Code, ConnectError, createContextKey, createContextValues, type Interceptor } from '@connectrpc/connect';
import { createConnectTransport as createWebTransport } from '@connectrpc/connect-web';
import { hedgedInterceptor, hedgeInfo, hedgeKey, type ConnectHedgeOptions } from '@hedgerow/connect';
import { makeTransport, type Dialect } from '../contract/connect-driver.js';
import { contractClient, type ContractProcedures } from '../support/connect-schema.js';
import type { AnswerKind } from '../support/contract-proto.js';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import { startScriptedConnectServer } from '../support/scripted-connect-server.js';
import type { ScriptedServer } from '../support/scripted-server.js';
import { turns, until, within } from '../support/wait.js';

/** gRPC itself is HTTP/2. */
const DIALECTS: readonly Dialect[] = [
  { protocol: 'Connect', httpVersion: '1.1' },
  { protocol: 'Connect', httpVersion: '2' },
  { protocol: 'gRPC', httpVersion: '2' },
  { protocol: 'gRPC-web', httpVersion: '1.1' },
  { protocol: 'gRPC-web', httpVersion: '2' },
];

/** Messages that end in an error before the first. */
async function* fail(): AsyncGenerator<never, void> {
  yield* [];
  await Promise.reject(new ConnectError('it cannot be read', Code.InvalidArgument));
}

describe.each(DIALECTS)('$protocol over HTTP/$httpVersion', (dialect) => {
  let server: ScriptedServer;
  let rejections: RejectionCounter;

  beforeEach(() => {
    rejections = countUnhandledRejections();
  });

  afterEach(async () => {
    await server.close();
    expect(await rejections.count()).toBe(0);
    rejections.stop();
  });

  async function client(kind: AnswerKind, options: ConnectHedgeOptions = {}, others: { before?: Interceptor; after?: Interceptor; transport?: object } = {}): Promise<ContractProcedures> {
    server = await startScriptedConnectServer(kind, dialect.httpVersion);
    const hedged = hedgedInterceptor({ delay: 10, budget: false, telemetry: false, ...options });
    const interceptors = [others.before, hedged, others.after].filter((one) => one !== undefined);
    return contractClient(makeTransport(dialect, server.origin, interceptors, others.transport), kind);
  }

  it('gives the header, the message and the trailer of the winner', async () => {
    const seen: string[] = [];
    const { GET } = await client('Unary');
    const call = GET?.({ path: '/' }, { onHeader: (header) => seen.push(header.get('x-header-who') ?? ''), onTrailer: (trailer) => seen.push(typeof trailer) });
    await server.next();
    const hedge = await server.next();
    hedge.respond({ headers: { who: 'hedge' }, body: 'hedge' });
    expect(Buffer.from((await call)?.data ?? []).toString()).toBe('hedge');
    expect(seen).toEqual(['hedge', 'object']);
    await until('the primary is gone', () => server.requests[0]?.isGone === true);
  });

  it('loses and doubles no message of a stream whose hedge has won', async () => {
    const { GET } = await client('Stream');
    const messages: string[] = [];
    const reading = (async () => {
      for await (const { data } of GET?.({ path: '/' }) ?? []) messages.push(Buffer.from(data).toString());
    })();
    await server.next();
    const hedge = await server.next();
    const open = hedge.open();
    for (let number = 0; number < 100; number++) void open.write(String(number));
    await until('the first messages are there', () => messages.length > 0);
    open.end();
    await within(5_000, 'the stream to end', reading);
    expect(messages).toEqual(Array.from({ length: 100 }, (_, number) => String(number)));
    await until('the primary is gone', () => server.requests[0]?.isGone === true);
  });

  it('ends the stream that has won when its caller gives up', async () => {
    const controller = new AbortController();
    const { GET } = await client('Stream');
    const reading = (async () => {
      for await (const message of GET?.({ path: '/' }, { signal: controller.signal }) ?? []) if (message.data.length > 0) controller.abort();
    })();
    await server.next();
    const hedge = await server.next();
    void hedge.open().write('first');
    await expect(reading).rejects.toThrow('aborted');
    await until('the hedge is gone', () => hedge.isGone);
  });

  it('shows the header of a stream that breaks before its first message, as without hedging', async () => {
    const headers: Headers[] = [];
    const breaking: Interceptor = (next) => async (request) => {
      const response = await next(request);
      return response.stream ? { ...response, message: fail() } : response;
    };
    const { GET } = await client('Stream', { delay: 60_000 }, { after: breaking });
    const ended = (async () => {
      for await (const message of GET?.({ path: '/' }, { onHeader: (header) => void headers.push(header) }) ?? []) expect(message).toBe('no message');
    })().catch((thrown: unknown) => thrown);
    const primary = await server.next();
    primary.respond({ headers: { who: 'primary' }, body: 'first' });
    expect(await ended).toMatchObject({ rawMessage: 'it cannot be read' });
    expect(headers.map((header) => header.get('x-header-who'))).toEqual(['primary']);
    expect(hedgeInfo(headers[0])).toMatchObject({ attempts: 1, winner: 0 });
    expect(hedgeInfo(await ended)).toMatchObject({ attempts: 1, winner: 0 });
  });

  it('sends a call once whose request cannot be read, and throws what the reading failed with', async () => {
    const failing: Interceptor = (next) => (request) => (request.stream ? next({ ...request, message: fail() }) : next(request));
    const { GET } = await client('Stream', { delay: 0 }, { before: failing });
    const ended = (async () => {
      for await (const message of GET?.({ path: '/' }) ?? []) expect(message).toBe('no message');
    })().catch((thrown: unknown) => thrown);
    expect(await ended).toMatchObject({ rawMessage: 'it cannot be read' });
    expect(server.requests.length).toBeLessThanOrEqual(1);
  });

  it.each([
    { reason: undefined, code: Code.Canceled, rawMessage: 'This operation was aborted' },
    { reason: new ConnectError('enough', Code.Aborted), code: Code.Aborted, rawMessage: 'enough' },
    { reason: new TypeError('enough'), code: Code.Internal, rawMessage: 'enough' },
  ])('tells who gives up in words of Connect, where no attempt does: $code', async ({ reason, code, rawMessage }) => {
    const controller = new AbortController();
    const errors: unknown[] = [];
    const noting: Interceptor = (next) => async (request) =>
      next(request).catch((error: unknown) => {
        errors.push(error);
        throw error;
      });
    const { GET } = await client('Unary', { delay: 60_000 }, { before: noting, after: () => () => new Promise(() => undefined) });
    const call = GET?.({ path: '/' }, { signal: controller.signal });
    await turns();
    controller.abort(reason);
    await expect(call).rejects.toBeInstanceOf(ConnectError);
    await until('ours has said so, too', () => errors.length > 0);
    expect(errors).toMatchObject([{ name: 'ConnectError', code, rawMessage }]);
    expect(hedgeInfo(errors[0])).toMatchObject({ attempts: 1, winner: undefined });
  });

  it('shares one deadline: hedges are told what is left of it', async () => {
    const { GET } = await client('Unary', { delay: 100 });
    const call = GET?.({ path: '/' }, { timeoutMs: 400 });
    const [primary, hedge] = [await server.next(), await server.next()];
    const left = ({ headers }: typeof primary): number => Number.parseInt(String(headers['connect-timeout-ms'] ?? headers['grpc-timeout']), 10);
    expect(left(primary)).toBe(400);
    expect(left(hedge)).toBeLessThanOrEqual(300);
    await expect(call).rejects.toMatchObject({ code: Code.DeadlineExceeded, rawMessage: 'the operation timed out' });
    await until('both are gone', () => primary.isGone && hedge.isGone);
  });

  it('shows interceptors before it one call, those after it every attempt, and all the same context values', async () => {
    const user = createContextKey('nobody');
    const seen: string[] = [];
    const note = (where: string): Interceptor => (next) => async (request) => {
      seen.push(`${where} ${request.contextValues.get(user)}`);
      request.header.append('x-header-noted', where);
      return next(request);
    };
    const { GET } = await client('Unary', {}, { before: note('before'), after: note('after') });
    const call = GET?.({ path: '/' }, { contextValues: createContextValues().set(user, 'ada') });
    const [primary, hedge] = [await server.next(), await server.next()];
    hedge.respond();
    await call;
    expect(seen).toEqual(['before ada', 'after ada', 'after ada']);
    for (const { headers } of [primary, hedge]) expect(headers.noted).toBe('before, after');
  });

  it('sends a copy as the message was when the call was made', async () => {
    const { PUT } = await client('Unary', { methods: ['contract.v1.Unary/PUT'], delay: 30 });
    const message = { path: '/', body: Buffer.from('first') };
    const call = PUT?.(message);
    const primary = await server.next();
    message.body.set(Buffer.from('later'));
    const hedge = await server.next();
    expect([await primary.body, await hedge.body].map(String)).toEqual(['first', 'first']);
    hedge.respond();
    await call;
  });

  it('throws the error of the server as it is, with what hedging did', async () => {
    const { GET } = await client('Unary', { delay: 60_000 });
    const call = GET?.({ path: '/' });
    const primary = await server.next();
    primary.respond({ status: 404, headers: { reason: 'gone' }, body: 'no such item' });
    const error = await call?.then(() => undefined, (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ code: Code.NotFound, rawMessage: 'no such item' });
    expect((error as ConnectError).metadata.get('x-header-reason')).toBe('gone');
    expect(hedgeInfo(error)).toMatchObject({ attempts: 1, winner: 0 });
    expect(Object.getOwnPropertySymbols({ ...(error as object) })).toEqual([]);
  });

  it('sends a call whose client streams once', async () => {
    const { PUT_STREAM } = await client('Unary', { methods: ['contract.v1.Unary/*'], delay: 0 });
    const call = PUT_STREAM?.((async function* () {
      await Promise.resolve();
      for (const piece of ['a', 'b']) yield { path: '', body: Buffer.from(piece) };
    })(), { onHeader: (header) => void headers.push(header) });
    const headers: Headers[] = [];
    const only = await server.next();
    only.respond({ body: 'done' });
    expect(Buffer.from((await call)?.data ?? []).toString()).toBe('done');
    expect((await only.body).toString()).toBe('ab');
    expect(server.requests).toHaveLength(1);
    expect(hedgeInfo(headers[0])).toMatchObject({ eligible: false, ineligibleReason: 'body_not_replayable' });
  });

  it('hedges no method that is not known to be safe, and none whose call says no', async () => {
    const { POST, GET } = await client('Unary', { delay: 0 });
    server.script((request) => setTimeout(() => request.respond(), 20));
    await POST?.({ path: '/' });
    await GET?.({ path: '/' }, { contextValues: createContextValues().set(hedgeKey, false) });
    expect(server.requests).toHaveLength(2);
  });
});

describe("Connect's GET", () => {
  it.each(['node', 'web'])('is hedged by the transport of connect-%s', async (kind) => {
    const server = await startScriptedConnectServer('Unary', '1.1');
    const interceptors = [hedgedInterceptor({ delay: 10, budget: false, telemetry: false })];
    const transport =
      kind === 'web'
        ? createWebTransport({ baseUrl: server.origin, useHttpGet: true, useBinaryFormat: true, interceptors })
        : makeTransport({ protocol: 'Connect', httpVersion: '1.1' }, server.origin, interceptors, { useHttpGet: true });
    const call = contractClient(transport).GET?.({ path: '/get' });
    const [primary, hedge] = [await server.next(), await server.next()];
    for (const { path, headers } of [primary, hedge]) {
      expect(path).toBe('/get');
      expect(headers['content-type']).toBeUndefined();
    }
    hedge.respond({ body: 'hedge' });
    expect(Buffer.from((await call)?.data ?? []).toString()).toBe('hedge');
    await until('the primary is gone', () => primary.isGone);
    await server.close();
  });
});

describe('writes', () => {
  it.each(DIALECTS.map((dialect, place) => ({ ...dialect, calls: place === 0 ? 2_000 : 200 })))('never go twice in $calls calls whose primaries all stall: $protocol over HTTP/$httpVersion', async ({ calls, ...dialect }) => {
    const server = await startScriptedConnectServer('Unary', dialect.httpVersion);
    const seen = new Map<string, number>();
    server.script((request) => {
      seen.set(request.path, (seen.get(request.path) ?? 0) + 1);
      setTimeout(() => request.respond(), 5);
    });
    const hedged = hedgedInterceptor({ delay: [0, 1], budget: false, telemetry: false });
    const { POST } = contractClient(makeTransport(dialect, server.origin, [hedged]));
    let sent = 0;
    const worker = async (): Promise<void> => {
      while (sent < calls) await POST?.({ path: `/${sent++}` });
    };
    await Promise.all(Array.from({ length: 50 }, worker));
    expect(seen.size).toBe(calls);
    expect([...seen.values()].filter((count) => count > 1)).toHaveLength(0);
    await server.close();
  }, 60_000);
});

describe('options', () => {
  it.each<[ConnectHedgeOptions, string]>([
    [{ methods: ['Find'] }, "option `methods[0]` must be 'package.Service/Method' or 'package.Service/*', got \"Find\""],
    [{ methods: 'a.B/C' as never }, 'option `methods` must be a list, got string'],
    [{ nonFatalStatusCodes: ['LOST' as 'Aborted'] }, 'option `nonFatalStatusCodes[0]` must be a code of Connect, got LOST'],
    [{ raceUntil: 'body' } as never, 'option `raceUntil` is about HTTP'],
  ])('%j is refused by name', (options, words) => {
    expect(() => hedgedInterceptor(options)).toThrow(words);
  });
});
