import { describe, expect, it } from '@jest/globals';
import { quantileBeforeGap } from '#core/latency/gap.js';
import { kaplanMeier, samplesNeeded, type BucketCounts } from '#core/latency/kaplan-meier.js';
import { destinationOf, routeKey } from '#core/routes/route-key.js';
import { SurvivalCurve, type Survival } from '#core/latency/survival-curve.js';
import { fromPairs, LatencyWindow, LEAST_BUCKET, MOST_BUCKET, sumOf, toPairs } from '#core/latency/window.js';

/** Buckets (1, 2], (2, 4], (4, 8] … */
function counts(events: readonly number[], censored: readonly number[] = [], firstBucket = 1): BucketCounts {
  return { events, censored, firstBucket, length: Math.max(events.length, censored.length), gamma: 2 };
}

const closeTo = (expected: number): unknown => expect.closeTo(expected, 9);

describe('the curve of samples', () => {
  it('is the share that runs on, a straight line within a bucket', () => {
    const curve = kaplanMeier(counts([50, 30, 20]));
    expect([0, -1, 0.5, 1, 1.5, 2, 3, 4, 6, 8, 9, 1e9].map((ms) => curve.runningAt(ms))).toEqual(
      [1, 1, 1, 1, 0.75, 0.5, 0.35, 0.2, 0.1, 0, 0, 0].map((share) => closeTo(share)),
    );
    expect([0.25, 0.5, 0.65, 0.8, 0.9, 1].map((quantile) => curve.quantile(quantile))).toEqual([1.5, 2, 3, 4, 6, 8].map((ms) => closeTo(ms)));
    expect([curve.seenUpToMs, curve.identifiedUpToMs]).toEqual([8, 8]);
  });

  it('counts what was cut short as at risk for half of its bucket', () => {
    // 100 at risk, 20 cut short: 45 of 90 exposed end in the first bucket. Then 35 at risk, none cut short.
    const curve = kaplanMeier(counts([45, 0, 14, 21], [20]));
    expect([2, 4, 8].map((ms) => curve.runningAt(ms))).toEqual([0.5, 0.5, expect.closeTo(0.5 * (1 - 14 / 35), 9)]);
  });

  it('never gets as low as what was cut short hides', () => {
    const curve = kaplanMeier(counts([50], [0, 50]));
    expect(curve.quantile(0.6)).toBeUndefined();
    expect([4, 4.5, 7.9, 100].map((ms) => curve.runningAt(ms))).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(kaplanMeier(counts([10], [20])).runningAt(2)).toBeCloseTo(0.5, 9);
  });

  it('is known as far as ten samples still ran', () => {
    expect(kaplanMeier(counts([50, 10, 9])).identifiedUpToMs).toBe(4);
    expect(kaplanMeier(counts([50, 10, 10])).identifiedUpToMs).toBe(8);
    expect(kaplanMeier(counts([9])).identifiedUpToMs).toBe(0);
    expect(kaplanMeier(counts([5, 0, 0], [5, 0, 0])).identifiedUpToMs).toBe(2);
  });

  it('ends where nothing was seen to run longer, and is certain of nothing where nothing was seen', () => {
    expect(kaplanMeier(counts([1, 1, 0, 0], [0, 0, 1, 0])).seenUpToMs).toBe(8);
    expect(kaplanMeier(counts([5])).seenUpToMs).toBe(2);
    const empty = kaplanMeier(counts([0, 0]));
    expect([empty.seenUpToMs, empty.identifiedUpToMs, empty.quantile(0.5), empty.runningAt(5), empty.meanUpToMs(7), empty.meanUpToMs(-1)]).toEqual([0, 0, undefined, 1, 7, 0]);
  });

  it('has the area below it as the mean up to a time', () => {
    const curve = kaplanMeier(counts([50, 30, 20]));
    expect([-1, 0.5, 1, 2, 3, 4, 8, 100].map((ms) => curve.meanUpToMs(ms))).toEqual(
      [0, 0.5, 1, 1.75, 1.75 + 0.425, 1.75 + 0.7, 1.75 + 0.7 + 0.4, 1.75 + 0.7 + 0.4].map((ms) => closeTo(ms)),
    );
  });

  it('may begin anywhere', () => {
    const curve = kaplanMeier(counts([50, 50], [], -3));
    expect(curve.runningAt(1 / 8)).toBeCloseTo(0.5, 9);
    expect(curve.quantile(0.75)).toBeCloseTo(0.1875, 9);
    expect([1 / 16, 1 / 8, 3 / 16, 1 / 4, 1].map((ms) => curve.meanUpToMs(ms))).toEqual(
      [1 / 16, 7 / 64, 1 / 8 + 1 / 64 - 1 / 128, 1 / 8 + 1 / 64, 1 / 8 + 1 / 64].map((ms) => closeTo(ms)),
    );
    expect(new SurvivalCurve(Float64Array.from([1, 1, 0.5]), 1, 2, 2, 2).quantile(0.5)).toBeCloseTo(4, 9);
  });

  it.each([[0.5, 20], [0.9, 100], [0.91, 112], [0.99, 1_000], [0.999, 10_000]])('is trusted at %d from %d samples on', (quantile, samples) => {
    expect(samplesNeeded(quantile)).toBe(samples);
  });
});

describe('a window of latencies', () => {
  const total = (window: LatencyWindow, nowMs: number): readonly [number, number] => {
    const { events, censored } = window.counts(nowMs);
    return [sumOf(events), sumOf(censored)];
  };

  it('forgets in steps of a sub-window', () => {
    const window = new LatencyWindow(60, 6);
    for (let nowMs = 0; nowMs < 60; nowMs += 5) window.record(5, nowMs % 10 === 5, nowMs);
    expect([59, 60, 69, 70, 109, 110, 119, 120].map((nowMs) => window.samples(nowMs))).toEqual([12, 10, 10, 8, 2, 0, 0, 0]);
  });

  it('tells events from those cut short, each in its bucket', () => {
    const window = new LatencyWindow(60, 6);
    for (const [ms, isCensored, nowMs] of [[1, false, 0], [100, true, 0], [10, false, 25], [10, false, 25], [1, true, 45]] as const) window.record(ms, isCensored, nowMs);
    expect(total(window, 50)).toEqual([3, 2]);
    const { firstBucket, events, censored, length, gamma } = window.counts(50);
    const bucketOf = (ms: number): number => Math.ceil(Math.log(ms) / Math.log(gamma) - 1e-9) - firstBucket;
    expect([events[bucketOf(1)], events[bucketOf(10)], events[bucketOf(100)]]).toEqual([1, 2, 0]);
    expect([censored[bucketOf(1)], censored[bucketOf(10)], censored[bucketOf(100)]]).toEqual([1, 0, 1]);
    expect(length).toBe(events.length);
    expect(total(window, 65)).toEqual([2, 1]);
    window.clear();
    expect([window.samples(65), window.counts(65).length]).toEqual([0, 0]);
  });

  it('takes anything for a latency but what is no number', () => {
    const window = new LatencyWindow(60, 6);
    for (const ms of [0, -5, Infinity, NaN]) window.record(ms, false, 0);
    expect(total(window, 0)).toEqual([3, 0]);
    expect(window.samples(0)).toBe(3);
  });

  it.each([0, Infinity])('has a bucket that a snapshot takes for %d ms', (ms) => {
    const window = new LatencyWindow(60, 6);
    window.record(ms, false, 0);
    const { firstBucket, events } = window.counts(0);
    const [bucket = NaN] = toPairs(firstBucket, events);
    expect([bucket >= LEAST_BUCKET, bucket <= MOST_BUCKET]).toEqual([true, true]);
  });

  it('takes little room: that of the buckets in use once a sub-window has passed, and never that of all there are', () => {
    const window = new LatencyWindow(60, 6);
    window.record(10, false, 0);
    expect(window.counts(15)).toMatchObject({ length: 1, events: Float64Array.of(1) });
    for (const ms of [1e-3, 1, 1e3, 1e6, 1e9]) window.record(ms, false, 25);
    expect(window.counts(65).length).toBeLessThanOrEqual(576);
    expect(window.samples(65)).toBe(5);
  });

  it('loses nothing, whichever buckets are in use when a sub-window passes', () => {
    const { gamma } = new LatencyWindow(60, 6).counts(0);
    for (let apart = 0; apart < 600; apart += apart < 560 ? 16 : 1) {
      const window = new LatencyWindow(60, 6);
      window.record(1, false, 5);
      window.record(gamma ** apart, false, 5);
      expect([apart, ...total(window, 15)]).toEqual([apart, 2, 0]);
    }
  });

  it('takes in what was counted before, as long as it is not too old', () => {
    const saved = fromPairs([3, 2, 10, 5], [7, 1]);
    for (const [recordedAtMs, expected] of [[1_000, [7, 1]], [951, [7, 1]], [949, [0, 0]]] as const) {
      const window = new LatencyWindow(60, 6);
      window.add(saved, recordedAtMs, 1_005);
      expect(total(window, 1_005)).toEqual(expected);
    }
    const window = new LatencyWindow(60, 6);
    window.add(saved, 1_000, 1_005);
    window.record(5, false, 1_005);
    expect(total(window, 1_059)).toEqual([8, 1]);
    expect(total(window, 1_060)).toEqual([0, 0]);
  });

  it('goes into pairs and back', () => {
    expect(toPairs(-2, [3, 0, 4])).toEqual([-2, 3, 0, 4]);
    const { firstBucket, events, censored, length } = fromPairs([3, 2, 5, 1], [2, 9]);
    expect([firstBucket, length, Array.from(events), Array.from(censored)]).toEqual([2, 4, [0, 2, 0, 1], [9, 0, 0, 0]]);
    expect(fromPairs([], [])).toMatchObject({ firstBucket: 0, length: 0 });
    expect(fromPairs([], [4, 1])).toMatchObject({ firstBucket: 4, length: 1 });
  });
});

describe('a quantile before a gap', () => {
  /** Nine tenths end between 1 and 2 ms, the rest between 100 and 200 ms. */
  const halves: Survival = {
    identifiedUpToMs: 200,
    runningAt: (ms) => (ms < 1 ? 1 : ms < 2 ? 1 - 0.9 * (ms - 1) : ms < 100 ? 0.1 : ms < 200 ? 0.1 - (ms - 100) / 1_000 : 0),
    quantile: (quantile) => (quantile <= 0.9 ? 1 + quantile / 0.9 : 100 + 1_000 * (quantile - 0.9)),
  };

  it('is taken soon behind the near side where chance may have put it on the far one', () => {
    const ms = quantileBeforeGap(halves, 0.905, 1_000) ?? NaN;
    expect(ms).toBeGreaterThan(2);
    expect(ms).toBeLessThan(2.5);
  });

  it('is taken at its word where the share is surely another, or there is no gap', () => {
    expect(quantileBeforeGap(halves, 0.95, 10_000)).toBeCloseTo(150, 9);
    expect(quantileBeforeGap(halves, 0.5, 1_000)).toBeCloseTo(1 + 5 / 9, 9);
    const smooth: Survival = { identifiedUpToMs: 1e9, runningAt: (ms) => Math.min(1, 1 / ms), quantile: (quantile) => 1 / (1 - quantile) };
    expect(quantileBeforeGap(smooth, 0.9, 30)).toBeCloseTo(10, 9);
    expect(quantileBeforeGap({ ...halves, quantile: () => undefined }, 0.9, 30)).toBeUndefined();
  });
});

describe('the name of a route', () => {
  const pathOf = (path: string): string => destinationOf({ method: 'GET', url: `http://a.test/${path}` }).path.slice(1);

  it.each(['42', '1-2', '2024-01-31', '12:30', 'deadbeef1', 'DEADBEEF1', 'a1b2c3d4', '550e8400-e29b-41d4-a716-446655440000', 'a@b.c', 'a%20b', 'a;b=c', 'a;b', 'k=v', '99', '1:2', 'abcdef12', 'abcdef-12', 'x1234', 'abcdefghijklmno1',
    'z'.repeat(40), 'é', 'a b'.replace(' ', '\u007f'), '1_2', '1.5'])('collapses %s', (segment) => {
    expect(pathOf(segment)).toBe(':id');
  });

  it.each(['v2', 'oauth2', 'list-of-things', 'abcdef', 'face', 'x123', 'ghijklmnopqrst1', 'z'.repeat(39), 'a.b_c-d', 'abc1', 'g1a2b3', 'abcde12', '~'])('keeps %s', (segment) => {
    expect(pathOf(segment)).toBe(segment);
  });

  it.each([
    ['users/42/orders/7?x=1#y', 'users/:id/orders/:id'],
    ['a/b/', 'a/b/'],
    ['a\\42\\b', 'a/:id/b'],
    ['a#b/c', 'a'],
    ['a?b/c', 'a'],
    [`${'a/'.repeat(99)}b`, `${'a/'.repeat(99)}b`],
    [`${'a/'.repeat(99)}bc`, `${'a/'.repeat(99)}:id`],
    [`a?${'q'.repeat(300)}`, 'a'],
  ])('of /%s is /%s', (path, expected) => {
    expect(pathOf(path)).toBe(expected);
  });

  it.each([
    ['http://a.test/x', 'http://a.test', '/x'],
    ['http://user:pw@a.test:81/x', 'http://a.test:81', '/x'],
    ['http://a.test', 'http://a.test', ''],
    ['http://a.test?q=@', 'http://a.test', ''],
    ['http://a.test#f@b.test', 'http://a.test', ''],
    ['HTTP://A.test:80/x', 'http://a.test', '/x'],
    ['HTTP://A.TEST/x', 'http://a.test', '/x'],
    ['http://a.test:80/x', 'http://a.test', '/x'],
    ['https://a.test:443/x', 'https://a.test', '/x'],
    ['https://[::1]:444/x', 'https://[::1]:444', '/x'],
    ['/x?to=http://b.test/y', '', '/x'],
    ['x/y', '', 'x/y'],
    ['unix://sock_et/x', 'unix://sock_et', '/x'],
    ['unix://user:pw@sock/x', 'unix://sock', '/x'],
    ['ho st://ü/x', 'ho st://', '/x'],
  ])('%s has the origin %j and the path %j', (url, origin, path) => {
    expect(destinationOf({ method: 'GET', url })).toEqual({ origin, path });
  });

  it('of a remote procedure is its own', () => {
    const rpc = { system: 'grpc', service: 'a.B', method: 'C' } as const;
    expect(destinationOf({ method: 'POST', url: 'http://a.test/1', rpc })).toEqual({ origin: 'http://a.test', path: '/a.B/C' });
    expect(destinationOf({ method: 'POST', url: 'http://a.test/1', rpc: { ...rpc, method: 'x'.repeat(2_000) } }).path).toHaveLength(1_000);
  });

  it('is what an adapter says where any node of a cluster answers: one budget and one distribution for all of them', () => {
    const of = (node: string): unknown => destinationOf({ method: 'POST', url: `https://u:p@${node}.test:9200/logs-2024.01.31/_search?q=x`, routeName: '/logs-*/_search', origin: 'https://A.test:9200' });
    expect(of('a')).toEqual({ origin: 'https://a.test:9200', path: '/logs-*/_search' });
    expect(of('b')).toEqual(of('a'));
    expect(destinationOf({ method: 'GET', url: 'http://a.test/1', routeName: `/${'x'.repeat(2_000)}` }).path).toHaveLength(1_000);
  });

  it('has the method, of a bounded length, and what is raced unless that is the body', () => {
    expect([routeKey('get', '/x', 'body'), routeKey('get', '/x', 'headers')]).toEqual(['GET /x', 'GET /x (headers)']);
    expect(routeKey('x'.repeat(100), '/x', 'body')).toBe(`${'X'.repeat(40)} /x`);
    expect(destinationOf({ method: 'GET', url: `http://${'a'.repeat(1_000)}/x` }).origin).toHaveLength(300);
  });
});
