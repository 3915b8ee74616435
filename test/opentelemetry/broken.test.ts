import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { HedgerOptions } from '@hedgerow/core';
import type { TelemetryOptions } from '@hedgerow/opentelemetry';
import { context, metrics, propagation, trace, TraceFlags, type Context, type ContextManager, type MeterProvider, type Span, type Tracer, type TracerProvider } from '@opentelemetry/api';
import { hedgerWith, hold, turn, type Answer, type HeldCall } from './held.js';
import { startSdk, type Sdk } from './sdk.js';

const broken = (): never => {
  throw new Error('broken');
};

/** Spans of a provider that throws where it is told to, and whether all that were begun were ended. */
class BrokenTracing implements TracerProvider {
  readonly begun: number[] = [];
  readonly ended: number[] = [];
  private readonly fault: string;

  constructor(fault: string) {
    this.fault = fault;
  }

  /** Those that were ended, each as often as it was. */
  sorted(): number[] {
    return this.ended.toSorted((a, b) => a - b);
  }

  getTracer(): Tracer {
    if (this.fault === 'getTracer') broken();
    return { startSpan: () => this.start(), startActiveSpan: broken };
  }

  private start(): Span {
    if (this.fault === 'startSpan') broken();
    const number = this.begun.length + 1;
    this.begun.push(number);
    const plain = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: String(number).padStart(16, '0'), traceFlags: TraceFlags.SAMPLED });
    plain.isRecording = () => true;
    return new Proxy(plain, {
      get: (target, key) => {
        if (key === 'end') this.ended.push(number);
        return key === this.fault ? broken : (Reflect.get(target, key) as unknown);
      },
    });
  }
}

/** The real provider of metrics, but for one method, of it or of what it makes; of one instrument alone, if there is a name. */
function brokenMetrics<T extends object>(of: T, fault: string, only?: string, isBroken: () => boolean = () => true): T {
  return new Proxy(of, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]): unknown => {
        if (key === fault && isBroken()) broken();
        const made: unknown = Reflect.apply(member, target, args);
        const isWhole = !String(key).startsWith('create') || only === undefined || only === args[0];
        return typeof made === 'object' && made !== null && /^(?:get|create)/.test(String(key)) && isWhole ? brokenMetrics(made, fault, only, isBroken) : made;
      };
    },
  });
}

/** Calls of every kind, each with how it has to end. */
const CALLS: Readonly<Record<string, { readonly options?: HedgerOptions; readonly run: (call: HeldCall, abort: () => void) => void; readonly end: string | number }>> = {
  'won by the primary': { run: (call) => call.attempt(0).answer(), end: 200 },
  'won by the hedge': { run: (call) => call.attempt(1).answer(201), end: 201 },
  'of which the primary fails': {
    run: (call) => {
      call.attempt(0).fail(new Error('reset'));
      setImmediate(() => call.attempt(1).answer());
    },
    end: 200,
  },
  'failed': {
    run: ({ attempts }) => attempts.forEach((attempt) => attempt.fail(new Error('reset'))),
    end: 'reset',
  },
  'answered with 500': { run: ({ attempts }) => attempts.forEach((attempt) => attempt.answer(500)), end: 500 },
  'given up': { run: (_, abort) => abort(), end: 'enough' },
  'suppressed': { options: { budget: { ratio: 0.1, burst: 1 }, maxHedges: 2, delay: [0, 0] }, run: (call) => call.attempt(0).answer(), end: 200 },
};

let sdk: Sdk;
let warned: jest.SpiedFunction<typeof process.emitWarning>;
beforeEach(() => {
  sdk = startSdk();
  warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
});
afterEach(async () => {
  warned.mockRestore();
  await sdk.stop();
});

const warnings = (): unknown[] => warned.mock.calls.map(([message]) => message);

const endOf = (end: unknown): unknown => (end instanceof Error ? end.message : (end as Answer).status);

async function runAll(options: { readonly tracerProvider?: TracerProvider; readonly meterProvider?: MeterProvider; readonly spans?: 'nested' }): Promise<void> {
  for (const [name, { options: own, run, end }] of Object.entries(CALLS)) {
    const controller = new AbortController();
    const hedger = hedgerWith(own, options);
    for (let repeated = 0; repeated < 2; repeated++) {
      const call = hold(hedger, {}, repeated === 0 ? { signal: controller.signal } : {});
      await turn();
      if (repeated === 0) run(call, () => controller.abort(new Error('enough')));
      else call.attempt(0).answer();
      expect([name, endOf(await call.end)]).toEqual([name, repeated === 0 ? end : 200]);
    }
    await turn();
  }
}

describe('an SDK that throws disturbs no call, and that is said once for each Hedger:', () => {
  const faults = ['getTracer', 'startSpan', 'spanContext', 'isRecording', 'setAttribute', 'setStatus', 'end', 'none'];

  it.each(faults.flatMap((fault) => ['client', 'nested'].map((form) => [fault, form] as const)))('%s of its spans, %s', async (fault, form) => {
    const tracing = new BrokenTracing(fault);
    await runAll({ tracerProvider: tracing, ...(form === 'nested' && { spans: 'nested' }) });
    expect(tracing.sorted()).toEqual(tracing.begun);
    if (fault !== 'getTracer' && fault !== 'startSpan') expect(tracing.begun.length).toBeGreaterThan(10);
    expect(warned.mock.calls.length).toBeLessThanOrEqual(Object.keys(CALLS).length);
    expect(new Set(warnings())).toEqual(new Set(fault === 'none' ? [] : ['hedgerow: an observer threw: broken']));
    expect(await sdk.total('hedge.requests')).toBe(2 * Object.keys(CALLS).length);
    expect(await sdk.total('hedge.attempt.active')).toBe(0);
  });

  it.each(['getMeter', 'createCounter', 'createHistogram', 'createObservableGauge', 'addBatchObservableCallback', 'add', 'record'])('%s of its metrics', async (fault) => {
    const tracing = new BrokenTracing('none');
    await runAll({ tracerProvider: tracing, meterProvider: brokenMetrics(sdk.meterProvider, fault) });
    expect(tracing.sorted()).toEqual(tracing.begun);
    expect(tracing.begun.length).toBeGreaterThan(10);
    expect(warned.mock.calls.length).toBeLessThanOrEqual(Object.keys(CALLS).length);
    expect(warnings().filter((warning) => warning !== 'hedgerow: an observer threw: broken')).toEqual([]);
  });

  it('its propagator', async () => {
    const tracing = new BrokenTracing('none');
    propagation.disable();
    propagation.setGlobalPropagator({ inject: broken, extract: (of) => of, fields: () => [] });
    await runAll({ tracerProvider: tracing });
    expect(tracing.sorted()).toEqual(tracing.begun);
    expect(warned.mock.calls).toHaveLength(Object.keys(CALLS).length);
  });

  it.each(['with', 'active'])('%s of its context manager', async (fault) => {
    let asked = 0;
    const tracing = new BrokenTracing('none');
    context.disable();
    const manager: ContextManager = {
      // Once only: the test asks too.
      active: () => (fault === 'active' && asked++ === 0 ? broken() : EMPTY),
      with: (_, fn, thisArg, ...args) => (fault === 'with' ? broken() : fn.call(thisArg as never, ...args)),
      bind: (_, target) => target,
      enable: () => manager,
      disable: () => manager,
    };
    context.setGlobalContextManager(manager);
    await runAll({ tracerProvider: tracing });
    expect(tracing.sorted()).toEqual(tracing.begun);
    expect(warned.mock.calls).toHaveLength(fault === 'active' ? 1 : Object.keys(CALLS).length);
  });

  const EMPTY: Context = { getValue: () => undefined, setValue: () => EMPTY, deleteValue: () => EMPTY };

  it('a context that takes no values', async () => {
    const tracing = new BrokenTracing('none');
    const caller: Context = { getValue: () => undefined, setValue: broken, deleteValue: broken };
    await context.with(caller, () => runAll({ tracerProvider: tracing }));
    expect(tracing.begun.length).toBeGreaterThan(0);
    expect(tracing.sorted()).toEqual(tracing.begun);
  });

  /** So many that counts and records are passed on while they are made. */
  const MANY = 1_200;
  const HEDGED = 800;

  async function many(options: TelemetryOptions): Promise<void> {
    const hedger = hedgerWith({}, { ...options, serverAddressOnMetrics: true });
    for (let host = 0; host < MANY; host++) {
      // Some are not hedged, so that it is not always the same that is told when it is time to pass on.
      const call = hold(hedger, { url: `http://h${host}.test/` }, host % 3 === 0 ? { hedge: { delay: 60_000 } } : {});
      call.attempt(0).answer();
      expect(endOf(await call.end)).toBe(200);
    }
  }

  it.each(['add', 'record'])('%s of its metrics, when much waits to be passed on', async (fault) => {
    const tracing = new BrokenTracing('none');
    await many({ tracerProvider: tracing, meterProvider: brokenMetrics(sdk.meterProvider, fault) });
    expect(tracing.begun).toHaveLength(2 * MANY + HEDGED);
    expect(tracing.sorted()).toEqual(tracing.begun);
    expect(warned).toHaveBeenCalledTimes(1);
  });

  it('a provider that comes after another, to which nothing is told any more', async () => {
    const hedger = hedgerWith({});
    const one = async (): Promise<void> => {
      const call = hold(hedger);
      call.attempt(0).answer();
      expect(endOf(await call.end)).toBe(200);
    };
    await one();
    metrics.disable();
    metrics.setGlobalMeterProvider(brokenMetrics(sdk.meterProvider, 'getMeter'));
    await one();
    await one();
    expect(await sdk.total('hedge.requests')).toBe(1);
    expect(warned).toHaveBeenCalledTimes(1);
  });

  it('one of its instruments, and the others are told everything', async () => {
    let isBroken = true;
    await many({ spans: false, meterProvider: brokenMetrics(sdk.meterProvider, 'record', 'hedge.request.duration', () => isBroken) });
    isBroken = false;
    expect(await sdk.total('hedge.request.duration')).toBeLessThan(256);
    expect(await sdk.total('hedge.attempt.duration')).toBe(MANY + HEDGED);
    expect(await sdk.total('hedge.request.hedges')).toBe(HEDGED);
    expect(await sdk.total('hedge.requests')).toBe(MANY);
  });

  it('its counters, and the rest is passed on when it is collected', async () => {
    await many({ spans: false, meterProvider: brokenMetrics(sdk.meterProvider, 'add') });
    await expect(sdk.collect()).rejects.toThrow('collecting metrics failed');
    // But for the call that was told of it.
    const told = await sdk.total('hedge.attempt.duration');
    expect(MANY + HEDGED - told).toBeLessThanOrEqual(2);
  });

  it('its counters for a while, and what comes later is counted', async () => {
    let isBroken = true;
    const meterProvider = brokenMetrics(sdk.meterProvider, 'add', undefined, () => isBroken);
    await many({ spans: false, meterProvider });
    isBroken = false;
    await sdk.collect();
    const before = await sdk.total('hedge.requests');
    await many({ spans: false, meterProvider });
    expect((await sdk.total('hedge.requests')) - before).toBe(MANY);
    expect(await sdk.total('hedge.attempt.active')).toBe(0);
  });
});

describe('what attempts come to may be anything:', () => {
  const unreadable = new Proxy({}, { get: broken, has: broken, ownKeys: broken, getPrototypeOf: broken, getOwnPropertyDescriptor: broken, defineProperty: broken, set: broken });
  const revoked = ((): object => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  })();
  const cyclic = new Error('a');
  cyclic.cause = cyclic;
  const throwing = (key: string): object => Object.defineProperty({}, key, { get: broken });

  it.each<[string, unknown, string]>([
    ['undefined', undefined, '_OTHER'],
    ['null', null, '_OTHER'],
    ['a text', 's3cret', '_OTHER'],
    ['a symbol', Symbol('s3cret'), '_OTHER'],
    ['a function', broken, '_OTHER'],
    ['an object without a prototype', Object.create(null), '_OTHER'],
    ['what refuses its code', throwing('code'), '_OTHER'],
    ['what refuses its name', Object.assign(throwing('name'), { code: 'EPIPE' }), 'EPIPE'],
    ['what refuses its cause', Object.assign(throwing('cause'), { name: 'TypeError' }), 'TypeError'],
    ['what refuses its message', throwing('message'), '_OTHER'],
    ['a cause that refuses its code', { name: 'TypeError', cause: throwing('code') }, 'TypeError'],
    ['a code that cannot be printed', { code: { toString: broken } }, '_OTHER'],
    ['a code that is a message', { code: 'your password is s3cret' }, '_OTHER'],
    ['a code of megabytes', { code: 'E'.repeat(2 ** 20) }, '_OTHER'],
    ['its own cause', cyclic, 'Error'],
    ['a frozen error', Object.freeze(new RangeError('s3cret')), 'RangeError'],
    ['what refuses everything', unreadable, '_OTHER'],
    ['a revoked proxy', revoked, '_OTHER'],
  ])('an error: %s', async (_, error, type) => {
    const call = hold(hedgerWith());
    for (const attempt of call.attempts) attempt.fail(error);
    // No promise resolves with what refuses to be asked for its `then`.
    if (error !== unreadable && error !== revoked) expect(Object.is(await call.end, error)).toBe(true);
    else await expect(call.end).rejects.toThrow();
    await turn();
    const spans = sdk.spans();
    expect(spans.map(({ status }) => status)).toEqual(['ERROR', 'ERROR', 'ERROR']);
    expect(spans.map(({ attributes }) => attributes['error.type'])).toEqual([type, type, type]);
    expect(await sdk.total('hedge.request.duration', { 'error.type': type })).toBe(1);
    expect(await sdk.total('hedge.attempt.duration', { 'error.type': type })).toBe(2);
    expect(JSON.stringify(spans)).not.toContain('s3cret');
    expect(warnings()).toEqual([]);
  });

  it.each<[string, unknown]>([['not a number', NaN], ['a text', '200'], ['a symbol', Symbol('200')], ['what cannot be read', unreadable], ['a big number', 500n]])('a status: %s', async (_, status) => {
    const call = hold(hedgerWith());
    call.attempt(0).answer(status as number);
    await turn();
    call.attempts[1]?.answer();
    await call.end;
    await turn();
    expect(sdk.spans()).toHaveLength(3);
    expect(await sdk.total('hedge.attempt.active')).toBe(0);
    expect(warned.mock.calls.length).toBeLessThanOrEqual(1);
  });
});
