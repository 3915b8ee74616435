import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Hedger } from '@hedgerow/core';
import { instrumentHedger } from '@hedgerow/opentelemetry';
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, ParentBasedSampler } from '@opentelemetry/sdk-trace';
import { isTracingSuppressed } from '@opentelemetry/core';
import { hedgerWith, hold, turn, URL_OF_CALLS } from './held.js';
import { startSdk, type Sdk } from './sdk.js';

describe('without an SDK', () => {
  afterEach(() => void jest.restoreAllMocks());

  it('no context is entered, nothing is injected, no call is watched', async () => {
    const entered = jest.spyOn(context, 'with');
    const injected = jest.spyOn(propagation, 'inject');
    const hedger = new Hedger({ delay: 0, budget: false });
    const observe = jest.spyOn(hedger, 'observe');
    instrumentHedger(hedger);
    const call = hold(hedger);
    call.attempt(0).answer();
    await call.end;
    expect(entered).not.toHaveBeenCalled();
    expect(injected).not.toHaveBeenCalled();
    expect(call.attempt(0).attempt.headers).toBeUndefined();
    const observer = observe.mock.calls[0]?.[0];
    expect(observer?.onCall?.({ request: { method: 'GET', url: URL_OF_CALLS }, key: '', origin: '' })).toBeUndefined();
  });

  it('a Hedger picks up the SDK that is registered later, and the next one after it', async () => {
    const hedger = hedgerWith();
    const call = hold(hedger);
    call.attempt(0).answer();
    await call.end;
    for (const calls of [1, 2]) {
      const sdk = startSdk();
      for (let made = 0; made < calls; made++) {
        const next = hold(hedger);
        next.attempt(0).answer();
        await next.end;
      }
      expect(await sdk.total('hedge.requests')).toBe(calls);
      expect(await sdk.points('hedge.rate')).toHaveLength(1);
      if (calls === 1) expect(sdk.clients()).toHaveLength(2);
      await sdk.stop();
    }
  });

  it('works with providers of its own instead of the global ones', async () => {
    const sdk = startSdk();
    const { meterProvider } = sdk;
    const tracerProvider = trace.getTracerProvider();
    trace.disable();
    metrics.disable();
    const call = hold(hedgerWith({}, { tracerProvider, meterProvider }));
    call.attempt(0).answer();
    await call.end;
    expect(sdk.clients()).toHaveLength(2);
    expect(await sdk.total('hedge.attempts')).toBe(2);
    await sdk.stop();
  });
});

describe('a trace that was sampled out', () => {
  let sdk: Sdk;
  afterEach(() => sdk.stop());

  it('still travels, and keeps instrumentation below from adding to it', async () => {
    sdk = startSdk(new ParentBasedSampler({ root: new AlwaysOffSampler() }));
    const call = hold(hedgerWith());
    expect(isTracingSuppressed(call.attempt(0).context)).toBe(true);
    const [first, second] = call.attempts.map(({ attempt }) => attempt.headers?.traceparent);
    expect(first).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(second?.slice(0, 35)).toBe(first?.slice(0, 35));
    expect(second).not.toBe(first);
    call.attempt(0).answer();
    await call.end;
    await turn();
    expect(sdk.spans()).toEqual([]);
    expect(await sdk.total('hedge.requests')).toBe(1);
  });
});

describe('the instrumentation scope', () => {
  it('has the version of the package', async () => {
    const { version } = createRequire(import.meta.url)('@hedgerow/opentelemetry/package.json') as { version: string };
    const asked: unknown[] = [];
    const tracerProvider = { getTracer: (...scope: unknown[]) => (asked.push(scope), trace.getTracer('none')) };
    hedgerWith({}, { tracerProvider, metrics: false });
    await turn();
    expect(asked).toEqual([['@hedgerow/opentelemetry', version]]);
  });
});
