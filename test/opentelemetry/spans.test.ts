import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { context, createContextKey, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { systemClock, type RequestDescription } from '@hedgerow/core';
import { hedgerWith, hold, insideSpan, turn, URL_OF_CALLS } from './held.js';
import { startSdk, type Sdk } from './sdk.js';

describe('spans of a hedged call', () => {
  let sdk: Sdk;
  beforeEach(() => void (sdk = startSdk()));
  afterEach(() => sdk.stop());

  it('are one CLIENT span per attempt, siblings under the span of the caller', async () => {
    const { id, traceId, result: call } = insideSpan(() => hold(hedgerWith()));
    call.attempt(1).answer();
    await call.end;
    const [primary, hedge] = sdk.clients();
    expect(sdk.clients()).toHaveLength(2);
    expect(sdk.spans()).toHaveLength(3);
    for (const span of [primary, hedge]) expect(span).toMatchObject({ name: 'GET', parent: id, traceId });
    expect(primary?.attributes).toEqual({
      'http.request.method': 'GET',
      'server.address': 'api.test',
      'server.port': 80,
      'url.full': URL_OF_CALLS,
      'hedge.attempt.number': 0,
      'hedge.attempt.delay': 0,
      'hedge.attempt.winner': false,
      'hedge.attempt.outcome': 'cancelled',
    });
    expect(hedge?.attributes).toEqual({
      'http.request.method': 'GET',
      'http.request.resend_count': 1,
      'http.response.status_code': 200,
      'server.address': 'api.test',
      'server.port': 80,
      'url.full': URL_OF_CALLS,
      'hedge.attempt.number': 1,
      'hedge.attempt.delay': expect.any(Number),
      'hedge.attempt.winner': true,
      'hedge.attempt.outcome': 'won',
    });
    expect([primary?.status, hedge?.status]).toEqual(['UNSET', 'UNSET']);
  });

  it('say what `describe` says of the request, but nothing else of the same name', async () => {
    const attributes = { 'graphql.operation.type': 'query', 'graphql.operation.name': 'Items', 'http.request.method': 'GRAPHQL' };
    const describe = (): RequestDescription => ({ operation: 'Items', safe: true, attributes });
    const { result: call } = insideSpan(() => hold(hedgerWith({ describe }), { method: 'POST' }));
    call.attempt(1).answer();
    await call.end;
    const both = sdk.clients().map((span) => span.attributes);
    expect(both).toHaveLength(2);
    for (const span of both) expect(span).toMatchObject({ ...attributes, 'http.request.method': 'POST' });
    const nested = hold(hedgerWith({ describe }, { spans: 'nested' }), { method: 'POST' });
    nested.attempt(1).answer();
    await nested.end;
    expect(sdk.spans().find(({ name }) => name === 'hedge POST')?.attributes).toMatchObject({ 'graphql.operation.name': 'Items' });
  });

  it('share a trace under an INTERNAL span when the caller has none', async () => {
    const call = hold(hedgerWith());
    call.attempt(1).answer();
    await call.end;
    const [whole, ...attempts] = sdk.spans();
    expect(whole).toMatchObject({ name: 'hedge GET', kind: 'INTERNAL', parent: undefined, status: 'UNSET' });
    expect(whole?.attributes).toEqual({ 'hedge.attempt.count': 2, 'hedge.winner.number': 1 });
    expect(attempts.map(({ kind, parent }) => ({ kind, parent }))).toEqual([
      { kind: 'CLIENT', parent: whole?.id },
      { kind: 'CLIENT', parent: whole?.id },
    ]);
  });

  it('state the delay of a hedge in seconds', async () => {
    const call = hold(hedgerWith({ delay: 20 }));
    while (call.attempts.length < 2) await turn();
    call.attempt(0).answer();
    await call.end;
    const delay = sdk.clients()[1]?.attributes['hedge.attempt.delay'];
    // A hedge may start up to half a millisecond early.
    expect(delay).toBeGreaterThanOrEqual(0.0195);
    expect(delay).toBeLessThan(5);
  });

  it('keep the span of the caller as parent although a hedge leaves from a timer of another context', async () => {
    const timers: (() => void)[] = [];
    const clock = { ...systemClock, setTimeout: (callback: () => void) => timers.push(callback), afterPoll: (callback: () => void) => callback() };
    const { id, result: call } = insideSpan(() => hold(hedgerWith({ delay: 20, clock: { ...clock, now: () => timers.length * 30 } })));
    insideSpan(() => timers[0]?.());
    await turn(); // the way back into the caller's context takes a microtask
    const active = trace.getSpanContext(call.attempt(1).context)?.spanId;
    call.attempt(1).answer();
    await call.end;
    expect(sdk.clients().map(({ parent }) => parent)).toEqual([id, id]);
    expect(sdk.clients()[1]?.id).toBe(active);
  });

  it('give each attempt a traceparent of its own and suppress further tracing below it', async () => {
    const { traceId, result: call } = insideSpan(() => hold(hedgerWith()));
    for (const { context: active } of call.attempts) expect(isTracingSuppressed(active)).toBe(true);
    const own = createContextKey('own');
    const contexts = call.attempts.map(({ context: active }) => active.setValue(own, 1).deleteValue(own));
    expect(contexts.map((active) => isTracingSuppressed(active))).toEqual([true, true]);
    call.attempt(0).answer();
    await call.end;
    expect(call.attempts.map(({ attempt }) => attempt.headers)).toEqual(
      sdk.clients().map(({ id }) => ({ traceparent: `00-${traceId}-${id}-01` })),
    );
    expect(new Set(sdk.clients().map(({ id }) => id)).size).toBe(2);
    // What lives on in that context, such as listeners of a streamed body, belongs to the caller again.
    expect(contexts.map((active) => isTracingSuppressed(active))).toEqual([false, false]);
    expect(contexts.map((active) => trace.getSpanContext(active)?.traceId)).toEqual([traceId, traceId]);
  });

  it('end a cancelled loser when it is aborted, not when it settles', async () => {
    const { result: call } = insideSpan(() => hold(hedgerWith()));
    call.attempt(0).answer();
    await call.end;
    expect(sdk.clients().map(({ attributes }) => attributes['hedge.attempt.outcome'])).toEqual(['won', 'cancelled']);
  });

  it('are made once although two adapters instrument a shared Hedger', async () => {
    const { instrumentHedger } = await import('@hedgerow/opentelemetry');
    const hedger = hedgerWith();
    instrumentHedger(hedger, { spans: 'nested' });
    const call = hold(hedger);
    call.attempt(0).answer();
    await call.end;
    expect(sdk.clients()).toHaveLength(2);
    expect(await sdk.total('hedge.requests')).toBe(1);
  });

  it('are not made with `spans: false`', async () => {
    const call = hold(hedgerWith({}, { spans: false }));
    call.attempt(0).answer();
    await call.end;
    expect(sdk.spans()).toEqual([]);
    expect(await sdk.total('hedge.requests')).toBe(1);
  });

  it('are not made where the caller suppressed tracing', async () => {
    const { suppressTracing } = await import('@opentelemetry/core');
    const call = context.with(suppressTracing(context.active()), () => hold(hedgerWith()));
    call.attempt(0).answer();
    await call.end;
    expect(sdk.spans()).toEqual([]);
    expect(call.attempt(0).attempt.headers).toBeUndefined();
  });

  it.each([
    ['get', 'GET', 'GET', undefined],
    ['PURGE-everything', 'HTTP', '_OTHER', 'PURGE-everything'],
  ])('name the method %s without letting it make up span names', async (method, name, attribute, original) => {
    const call = hold(hedgerWith({ methods: [method] }), { method });
    call.attempt(0).answer();
    await call.end;
    expect(sdk.spans().map((span) => span.name)).toEqual([`hedge ${name}`, name, name]);
    expect(sdk.clients()[0]?.attributes).toMatchObject({ 'http.request.method': attribute });
    expect(sdk.clients()[0]?.attributes['http.request.method_original']).toBe(original);
  });

  it('record no message of an error', async () => {
    const call = hold(hedgerWith());
    for (const held of call.attempts) held.fail(Object.assign(new Error('password hunter2'), { code: 'password hunter2' }));
    await call.end;
    expect(JSON.stringify(sdk.spans())).not.toContain('hunter2');
    expect(sdk.clients().map(({ attributes, description }) => [attributes['error.type'], description])).toEqual([
      ['Error', undefined],
      ['Error', undefined],
    ]);
  });
});

describe('the nested form', () => {
  let sdk: Sdk;
  beforeEach(() => void (sdk = startSdk()));
  afterEach(() => sdk.stop());

  it('wraps each attempt in an INTERNAL span and leaves CLIENT spans and headers to the instrumentation below', async () => {
    const { id, result: call } = insideSpan(() => hold(hedgerWith({}, { spans: 'nested' })));
    const contexts = call.attempts.map(({ context: active }) => active);
    expect(contexts.map((active) => isTracingSuppressed(active))).toEqual([false, false]);
    const active = contexts.map((one) => trace.getSpanContext(one)?.spanId);
    call.attempt(0).answer();
    await call.end;
    const whole = sdk.spans().find(({ name }) => name === 'hedge GET');
    const attempts = sdk.spans().filter(({ name }) => name === 'hedge.attempt');
    expect(whole).toMatchObject({ kind: 'INTERNAL', parent: id });
    expect(attempts.map(({ kind, parent }) => ({ kind, parent }))).toEqual([
      { kind: 'INTERNAL', parent: whole?.id },
      { kind: 'INTERNAL', parent: whole?.id },
    ]);
    expect(attempts.map((span) => span.id)).toEqual(active);
    expect(attempts[1]?.attributes).toEqual({
      'hedge.attempt.number': 1,
      'hedge.attempt.delay': expect.any(Number),
      'hedge.attempt.winner': false,
      'hedge.attempt.outcome': 'cancelled',
    });
    expect(call.attempt(0).attempt.headers).toBeUndefined();
  });
});
