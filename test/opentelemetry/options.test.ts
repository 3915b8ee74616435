import { describe, expect, it } from '@jest/globals';
import { Hedger } from '@hedgerow/core';
import { instrumentHedger, type TelemetryOptions } from '@hedgerow/opentelemetry';

describe('telemetry options', () => {
  it.each([
    [{ spans: 'server' }, 'hedgerow: option `telemetry.spans` must be one of "client", "nested", false, got "server"'],
    [{ spans: true }, 'hedgerow: option `telemetry.spans` must be one of "client", "nested", false, got true'],
    [{ metrics: 'yes' }, 'hedgerow: option `telemetry.metrics` must be true or false, got "yes"'],
    [{ serverAddressOnMetrics: 1 }, 'hedgerow: option `telemetry.serverAddressOnMetrics` must be true or false, got 1'],
    [{ keyOnMetrics: 1 }, 'hedgerow: option `telemetry.keyOnMetrics` must be true or false, got 1'],
    [{ delayPerKey: null }, 'hedgerow: option `telemetry.delayPerKey` must be true or false, got null'],
    [{ name: '' }, 'hedgerow: option `telemetry.name` must be a non-empty string, got ""'],
    [{ name: 7 }, 'hedgerow: option `telemetry.name` must be a non-empty string, got 7'],
    [{ tracerProvider: {} }, 'hedgerow: option `telemetry.tracerProvider` must be an object with getTracer(), got an object'],
    [{ meterProvider: null }, 'hedgerow: option `telemetry.meterProvider` must be an object with getMeter(), got null'],
    [{ span: 'client' }, 'hedgerow: unknown option `telemetry.span`; known are spans, metrics, '],
    [[], 'hedgerow: option `telemetry` must be an object, got a list'],
    [null, 'hedgerow: option `telemetry` must be an object, got null'],
  ])('%j throws and says what was expected', (options, message) => {
    const attempt = (): void => instrumentHedger(new Hedger(), options as unknown as TelemetryOptions);
    expect(attempt).toThrow(TypeError);
    expect(attempt).toThrow(message);
  });

  it('are checked even if the Hedger is instrumented already', () => {
    const hedger = new Hedger();
    instrumentHedger(hedger);
    expect(() => instrumentHedger(hedger, { name: '' })).toThrow('telemetry.name');
  });
});
