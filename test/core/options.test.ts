import { describe, expect, it } from '@jest/globals';
import { Hedger, type HedgerOptions } from '@hedgerow/core';
import { Stage } from './stage.js';

const bad: readonly (readonly [unknown, ErrorConstructor | TypeErrorConstructor | RangeErrorConstructor, string])[] = [
  [{ maxHedges: -1 }, RangeError, '`maxHedges` must be a whole number from 0 to 10, got -1'],
  [{ maxHedges: 1.5 }, RangeError, '`maxHedges`'],
  [{ maxHedges: '2' }, TypeError, '`maxHedges` must be a whole number from 0 to 10, got "2"'],
  [{ delay: { quantile: 95 } }, RangeError, '`delay.quantile` must be a number between 0 and 1, both excluded, got 95'],
  [{ delay: { quantile: [0.9, 1] } }, RangeError, '`delay.quantile[1]`'],
  [{ delay: { quantile: [0.9, 0.5] } }, RangeError, '`delay.quantile` must be in ascending order, got [0.9, 0.5]'],
  [{ delay: { quantile: 0.9, minMs: -1 } }, RangeError, '`delay.minMs`'],
  [{ delay: { minMs: 10, maxMs: 5 } }, RangeError, '`delay.maxMs` must be a finite number of milliseconds, at least `delay.minMs` (10), got 5'],
  [{ delay: { quantil: 0.9 } }, TypeError, 'unknown option `delay.quantil`; known are quantile, minMs, maxMs'],
  [{ delay: { minimize: 99 } }, RangeError, '`delay.minimize` must be a number between 0 and 1, both excluded, got 99'],
  [{ delay: { minimize: '0.99' } }, TypeError, '`delay.minimize` must be a number between 0 and 1, both excluded, got "0.99"'],
  [{ delay: { minimize: 0.99, minMs: 10, maxMs: 5 } }, RangeError, '`delay.maxMs` must be a finite number of milliseconds, at least `delay.minMs` (10), got 5'],
  [{ delay: { minimize: 0.99, quantile: 0.9 } }, TypeError, 'unknown option `delay.quantile`; known are minimize, minMs, maxMs'],
  [{ delay: NaN }, RangeError, '`delay` must be a finite number of milliseconds ≥ 0, got NaN'],
  [{ delay: Infinity }, RangeError, '`delay`'],
  [{ delay: null }, TypeError, '`delay`'],
  [{ delay: '50ms' }, TypeError, '`delay` must be a finite number of milliseconds ≥ 0, got "50ms"'],
  [{ delay: [] }, RangeError, '`delay` must be a list of 1 to 10 numbers, got []'],
  [{ delay: [50, 20] }, RangeError, '`delay` must be in ascending order, got [50, 20]'],
  [{ delay: [50, -1] }, RangeError, '`delay[1]`'],
  [{ delay: { sloMs: 100, to: 1 } }, TypeError, 'unknown option `delay.to`; known are sloMs, at'],
  [{ budget: { deposit: () => undefined, tryTake: 1 } }, TypeError, '`budget.tryTake` must be a function, got 1'],
  [{ budget: { requestsPerSecond: 10, ratio: 0.1, burstSeconds: 0 } }, RangeError, '`budget.burstSeconds`'],
  [{ budget: { requestsPerSecond: 10, ratio: 0.1, burst: 1 } }, TypeError, 'unknown option `budget.burst`; known are requestsPerSecond, ratio, burstSeconds'],
  [{ latency: { warmup: 5 } }, TypeError, '`latency.warmup` must be an object, got 5'],
  [{ latency: { warmup: { requests: 1, delayMs: 1, ms: 1 } } }, TypeError, 'unknown option `latency.warmup.ms`'],
  [{ delay: { sloMs: 0 } }, RangeError, '`delay.sloMs`'],
  [{ delay: { sloMs: 100, at: [1] } }, RangeError, '`delay.at[0]` must be a number from 0 up to, not including, 1, got 1'],
  [{ methods: 'GET' }, TypeError, '`methods` must be a list of non-empty strings, got "GET"'],
  [{ methods: [''] }, TypeError, '`methods`'],
  [{ when: true }, TypeError, '`when` must be a function, got true'],
  [{ accept: 200 }, TypeError, '`accept`'],
  [{ onHedge: {} }, TypeError, '`onHedge` must be a function, got an object'],
  [{ onComplete: [] }, TypeError, '`onComplete`'],
  [{ losers: { drainMs: 0 } }, RangeError, '`losers.drainMs`'],
  [{ losers: { forMs: 5 } }, TypeError, '`losers.forMs`; known are drainMs'],
  [{ losers: 'kill' }, TypeError, '`losers` must be "abort" or "drain", got "kill"'],
  [{ hedgeOnFailure: 1 }, TypeError, '`hedgeOnFailure` must be true or false, got 1'],
  [{ idempotencyKey: 'yes' }, TypeError, '`idempotencyKey`'],
  [{ timeoutMs: 0 }, RangeError, '`timeoutMs` must be a finite number of milliseconds > 0, got 0'],
  [{ timeoutMs: 2 ** 31 }, RangeError, '`timeoutMs`'],
  [{ probability: 0 }, RangeError, '`probability`'],
  [{ raceUntil: 'end' }, TypeError, '`raceUntil` must be "headers" or "firstChunk" or "body", got "end"'],
  [{ maxReplayBytes: -1 }, RangeError, '`maxReplayBytes`'],
  [{ mode: 'shadows' }, TypeError, '`mode` must be "on" or "shadow" or "off", got "shadows"'],
  [{ mode: true }, TypeError, '`mode`'],
  [{ targets: 'https://a.test' }, TypeError, '`targets` must be a list of base URLs, got "https://a.test"'],
  [{ targets: [] }, RangeError, '`targets` must be a list of 1 to 100 base URLs, got []'],
  [{ targets: Array.from({ length: 101 }, (_, index) => `https://${index}.test`) }, RangeError, '`targets`'],
  [{ targets: ['a.test'] }, TypeError, '`targets[0]` must be an absolute http or https URL without user information, query and fragment, got "a.test"'],
  [{ targets: ['https://a.test', 'ftp://b.test'] }, TypeError, '`targets[1]`'],
  [{ targets: ['https://user:pw@a.test'] }, TypeError, 'got "https://…@a.test"'],
  [{ targets: ['https://a.test?x=1'] }, TypeError, '`targets[0]`'],
  [{ targets: ['https://a.test#x'] }, TypeError, '`targets[0]`'],
  [{ targets: ['https://user@a.test'] }, TypeError, '`targets[0]`'],
  [{ targets: ['https://:pw@a.test'] }, TypeError, '`targets[0]`'],
  [{ targets: [1] }, TypeError, '`targets[0]`'],
  [{ targets: ['https://a.test', 'https://A.test/'] }, RangeError, '`targets` must be a list of different base URLs'],
  [{ route: 'https://a.test' }, TypeError, '`route` must be a function'],
  [{ forwardCredentials: 'yes' }, TypeError, '`forwardCredentials` must be true or false, got "yes"'],
  [{ stripAffinityCookies: 'SERVERID' }, TypeError, '`stripAffinityCookies` must be true, false or a list of cookie names, got "SERVERID"'],
  [{ stripAffinityCookies: [''] }, TypeError, '`stripAffinityCookies`'],
  [{ markHedges: 'x hedge' }, TypeError, '`markHedges` must be true, false or a header name, got "x hedge"'],
  [{ markHedges: 'x\r\ny: 1' }, TypeError, '`markHedges`'],
  [{ markHedges: 1 }, TypeError, '`markHedges`'],
  [{ markerHeader: true }, TypeError, 'unknown option `markerHeader`; it is `markHedges` now'],
  [{ budget: 0.1 }, TypeError, '`budget` must be an object, got 0.1'],
  [{ budget: null }, TypeError, '`budget`'],
  [{ budget: { ratio: 10 } }, RangeError, '`budget.ratio` must be a number above 0, at most 1, got 10'],
  [{ budget: { burst: 0 } }, RangeError, '`budget.burst`'],
  [{ budget: { percent: 10 } }, TypeError, 'unknown option `budget.percent`; known are ratio, burst, brake'],
  [{ budget: { requestsPerSecond: 0, ratio: 0.1 } }, RangeError, '`budget.requestsPerSecond`'],
  [{ budget: { requestsPerSecond: 10 } }, TypeError, '`budget.ratio`'],
  [{ budget: { tryTake: 1 } }, TypeError, '`budget.deposit`'],
  [{ budget: { brake: 1 } }, TypeError, '`budget.brake` must be true or false, got 1'],
  [{ efficacy: true }, TypeError, '`efficacy` must be an object, got true'],
  [{ efficacy: null }, TypeError, '`efficacy`'],
  [{ efficacy: { pauseAbove: 1 } }, RangeError, '`efficacy.pauseAbove` must be a number from 0.5 up to, not including, 1, got 1'],
  [{ efficacy: { pauseAbove: '0.8' } }, TypeError, '`efficacy.pauseAbove`'],
  [{ efficacy: { pause: 0.8 } }, TypeError, 'unknown option `efficacy.pause`; known are pauseAbove'],
  [{ instanceHeader: '' }, TypeError, '`instanceHeader` must be a non-empty string, got ""'],
  [{ instanceHeader: 5 }, TypeError, '`instanceHeader`'],
  [{ maxConcurrentHedges: 0 }, RangeError, '`maxConcurrentHedges`'],
  [{ latency: { maxKeys: 0 } }, RangeError, '`latency.maxKeys`'],
  [{ latency: { subWindows: 1 } }, RangeError, '`latency.subWindows`'],
  [{ latency: { windowMs: -1 } }, RangeError, '`latency.windowMs`'],
  [{ latency: { key: 'route' } }, TypeError, '`latency.key`'],
  [{ latency: { warmup: { requests: 0, delayMs: 1 } } }, RangeError, '`latency.warmup.requests`'],
  [{ latency: { warmup: { requests: 1 } } }, TypeError, '`latency.warmup.delayMs`'],
  [{ latency: { window: 1 } }, TypeError, 'unknown option `latency.window`'],
  [{ delay: { quantile: 0 } }, RangeError, '`delay.quantile`'],
  [{ delay: { sloMs: 100, at: -0.1 } }, RangeError, '`delay.at` must be a number from 0 up to, not including, 1, got -0.1'],
  [{ delay: Array.from({ length: 11 }, (_, index) => index) }, RangeError, '`delay` must be a list of 1 to 10 numbers, got [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, …]'],
  [{ delay: [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] }, RangeError, '`delay` must be in ascending order, got [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]'],
  [{ delay: [[1]] }, TypeError, '`delay[0]` must be a finite number of milliseconds ≥ 0, got [1]'],
  [{ maxHedges: 11 }, RangeError, '`maxHedges` must be a whole number from 0 to 10, got 11'],
  [{ maxReplayBytes: 0.5 }, RangeError, '`maxReplayBytes` must be a whole number of bytes ≥ 0, got 0.5'],
  [{ maxConcurrentHedges: 0.5 }, RangeError, '`maxConcurrentHedges` must be a whole number ≥ 1, got 0.5'],
  [{ latency: { subWindows: 61 } }, RangeError, '`latency.subWindows` must be a whole number from 2 to 60, got 61'],
  [{ budget: { burst: 0.5 } }, RangeError, '`budget.burst` must be a finite number ≥ 1, got 0.5'],
  [{ budget: { requestsPerSecond: -1, ratio: 0.1 } }, RangeError, '`budget.requestsPerSecond` must be a finite number > 0, got -1'],
  [{ efficacy: { pauseAbove: 0.4 } }, RangeError, '`efficacy.pauseAbove`'],
  [{ methods: ['GET', 5] }, TypeError, '`methods` must be a list of non-empty strings, got ["GET", 5]'],
  [{ methods: [() => 1, [1], {}, null] }, TypeError, 'got [a function, a list, an object, null]'],
  [{ methods: () => ['GET'] }, TypeError, 'got a function'],
  [{ mode: 'x'.repeat(60) }, TypeError, `got "${'x'.repeat(60)}"`],
  [{ mode: 'x'.repeat(61) }, TypeError, `got "${'x'.repeat(60)}…"`],
  [{ targets: Array.from({ length: 11 }, () => 1) }, TypeError, '`targets[0]`'],
  [{ delayMs: 50 }, TypeError, 'unknown option `delayMs`'],
  [{ ['__proto__x']: 1 }, TypeError, 'unknown option'],
  [null, TypeError, '`options` must be an object, got null'],
  [[], TypeError, '`options` must be an object'],
];

describe('options', () => {
  it.each(bad)('refuse %j', (options, type, message) => {
    const make = (): Hedger => new Hedger(options as HedgerOptions);
    expect(make).toThrow(type);
    expect(make).toThrow(message);
  });

  it.each([
    {},
    { delay: 0 },
    { delay: [0, 0, 50] },
    { delay: { quantile: [0.9, 0.99], minMs: 0, maxMs: 100 }, maxHedges: 2 },
    { delay: { sloMs: 100 } },
    { delay: { minMs: 5, maxMs: 5 } },
    { delay: 2 ** 31 - 1, timeoutMs: 2 ** 31 - 1, maxReplayBytes: 0, latency: { subWindows: 2 } },
    { delay: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], maxHedges: 10, latency: { subWindows: 60, maxKeys: 1 } },
    { delay: { sloMs: 100, at: [0] }, efficacy: { pauseAbove: 0.5 } },
    { delay: { minimize: 0.99 } },
    { delay: { minimize: 0.999, minMs: 5, maxMs: 100 }, maxHedges: 2 },
    { delay: () => 5 },
    { maxHedges: 0 },
    { mode: 'shadow' as const },
    { targets: ['https://a.test/', 'http://b.test:81/v2'], route: () => undefined, forwardCredentials: true },
    { targets: Array.from({ length: 100 }, (_, index) => `https://${index}.test`) },
    { stripAffinityCookies: ['SERVERID', 'BIGip*'], markHedges: 'X-Hedge' },
    { stripAffinityCookies: false, markHedges: false },
    { budget: false as const, efficacy: false as const },
    { efficacy: {}, instanceHeader: 'X-Served-By', budget: { brake: false } },
    { budget: { ratio: 1, burst: 1 } },
    { budget: { requestsPerSecond: 100, ratio: 0.1 } },
    { delay: undefined, maxHedges: undefined, budget: undefined },
  ] satisfies HedgerOptions[])('take %j', (options) => {
    expect(() => new Hedger(options)).not.toThrow();
  });

  it('of a call are checked too, and may not be those of a Hedger', async () => {
    const hedger = new Hedger();
    expect(() => hedger.resolve({ dely: 1 } as object)).toThrow('unknown option `hedge.dely`');
    expect(() => hedger.resolve({ budget: false } as object)).toThrow('option `budget` belongs to a Hedger');
    const call = { request: { method: 'GET', url: 'http://a.test/' }, start: () => Promise.resolve({}) };
    await expect(hedger.run(call, { maxHedges: -1 })).rejects.toThrow(RangeError);
    expect(hedger.stats().calls).toBe(0);
  });

  it('of a call override the Hedger and are resolved once per object', async () => {
    const stage = new Stage({ delay: 10, maxHedges: 1 });
    const options = { delay: 30 };
    expect(stage.hedger.resolve(options)).toBe(stage.hedger.resolve(options));
    void stage.run([], options);
    await stage.clock.advance(100);
    expect(stage.started.map(({ delayMs }) => delayMs)).toEqual([0, 30]);
  });

  it('stay out of prototypes', () => {
    const options = JSON.parse('{"__proto__": {"maxHedges": 9}}') as HedgerOptions;
    expect(() => new Hedger(options)).toThrow('unknown option `__proto__`');
  });
});
