import { describe, expect, it, jest } from '@jest/globals';
import { hedgeInfo, type HedgerOptions } from '@hedgerow/core';
import { Stage } from './stage.js';

const at = (url: string, method = 'GET') => ({ request: { method, url } });

async function keyOf(url: string, method?: string): Promise<string | undefined> {
  const stage = new Stage();
  const promise = stage.run([{ ms: 1 }], {}, at(url, method));
  await stage.clock.advance(1);
  return hedgeInfo(await promise)?.key;
}

/** Runs calls one after another, each taking its own time and unhedged. */
async function train(stage: Stage, timesMs: readonly number[], extra = {}): Promise<void> {
  for (const ms of timesMs) {
    const promise = stage.run([{ ms }], { delay: 1e6 }, extra);
    await stage.clock.advance(ms);
    await promise;
  }
}

const ramp = Array.from({ length: 300 }, (_, index) => 1 + (index % 100));

describe('route keys', () => {
  it.each([
    ['http://a.test/users/42', 'GET http://a.test/users/:id'],
    ['http://a.test/users/42/orders/7?x=1#y', 'GET http://a.test/users/:id/orders/:id'],
    ['http://a.test', 'GET http://a.test'],
    ['http://a.test?q=1', 'GET http://a.test'],
    ['https://user:secret@a.test:8443/v2/s3/oauth2', 'GET https://a.test:8443/v2/s3/oauth2'],
    ['http://a.test/f47ac10b-58cc-4372-a567-0e02b2c3d479', 'GET http://a.test/:id'],
    ['http://a.test/commits/9fceb02d0ae598e9', 'GET http://a.test/commits/:id'],
    ['http://a.test/by-date/2026-11-21', 'GET http://a.test/by-date/:id'],
    ['http://a.test/mail/joe@b.test', 'GET http://a.test/mail/:id'],
    ['http://a.test/list-of-all-things/deadbeef', 'GET http://a.test/list-of-all-things/deadbeef'],
    ['http://a.test/01J9ZQ3V6K8R2M4N5P7S9T0VWX', 'GET http://a.test/:id'],
    ['/relative/7', 'GET /relative/:id'],
    ['not a url', 'GET not a url'],
  ])('%s', async (url, key) => {
    expect(await keyOf(url)).toBe(key);
  });

  it('have a bounded length, whatever the path', async () => {
    expect((await keyOf(`http://a.test/${'x'.repeat(1e6)}`))?.length).toBeLessThan(300);
    expect((await keyOf(`http://a.test/${'a/'.repeat(1e5)}`))?.length).toBeLessThan(300);
  });

  it('include the method and what is raced, or are the user’s own', async () => {
    expect(await keyOf('http://a.test/', 'head')).toBe('HEAD http://a.test/');
    const stage = new Stage({ latency: { key: ({ url }) => `mine ${url.length}` } });
    const promise = stage.run([{ ms: 1 }], {}, { ...at('http://a.test/'), raceUntil: 'headers' });
    await stage.clock.advance(1);
    expect(hedgeInfo(await promise)?.key).toBe('mine 14');
  });

  it('are bounded in number; the least recently used goes', async () => {
    const stage = new Stage({ latency: { maxKeys: 3 } });
    for (const name of ['a', 'b', 'c', 'a', 'd', 'a', 'e']) await train(stage, [1], at(`http://a.test/${name}`));
    expect(stage.hedger.stats().keys).toBe(3);
    expect(stage.hedger.routes().map(({ key }) => key)).toEqual(['GET http://a.test/d', 'GET http://a.test/a', 'GET http://a.test/e']);
  });
});

describe('the latency memory', () => {
  /** Of what has no tail, and is hedged all the same. */
  const learnt = async (options: HedgerOptions): Promise<Stage> => {
    const stage = new Stage({ worth: 0, ...options });
    await train(stage, ramp);
    expect(stage.started).toHaveLength(300);
    return stage;
  };

  it('hedges at the quantile of what primaries took, within the sketch’s error', async () => {
    const stage = await learnt({ delay: { quantile: 0.9 } });
    const promise = stage.run([{ ms: 1e5 }, { ms: 1 }]);
    await stage.clock.advance(100);
    const delayMs = hedgeInfo(await promise)?.delayMs ?? 0;
    expect(delayMs).toBeGreaterThan(89);
    expect(delayMs).toBeLessThan(92);
  });

  it('does not hedge while warming up, and says so', async () => {
    const stage = new Stage({ delay: { quantile: 0.9 } });
    const promise = stage.run([{ ms: 5_000 }]);
    await stage.clock.advance(5_000);
    expect(hedgeInfo(await promise)).toMatchObject({ attempts: 1, suppressionReason: 'warmup', delayMs: undefined });
    expect(stage.hedger.stats().suppressions.warmup).toBe(1);
  });

  it('hedges by a fixed delay in a warm-up that the user asked for', async () => {
    const stage = new Stage({ delay: { quantile: 0.9 }, latency: { warmup: { requests: 20, delayMs: 7 } } });
    void stage.run([]);
    await stage.clock.advance(10);
    expect(stage.started.map(({ delayMs }) => delayMs)).toEqual([0, 7]);
  });

  it('is warm as soon as 10 / (1 − quantile) samples are there', async () => {
    const stage = new Stage({ delay: { quantile: 0.9 } });
    const suppressions: (string | undefined)[] = [];
    for (let call = 0; call < 110; call++) {
      const promise = stage.run([{ ms: 1 }]);
      await stage.clock.advance(1);
      suppressions.push(hedgeInfo(await promise)?.suppressionReason);
    }
    expect(suppressions.lastIndexOf('warmup')).toBe(99);
  });

  it('goes on with the fixed delay of a short warm-up until the quantile is known', async () => {
    const stage = new Stage({ delay: { quantile: 0.9 }, latency: { warmup: { requests: 5, delayMs: 7 } } });
    await train(stage, Array.from({ length: 20 }, () => 1));
    void stage.run([]);
    await stage.clock.advance(10);
    expect(stage.started.filter(({ isHedge }) => isHedge).map(({ delayMs }) => delayMs)).toEqual([7]);
  });

  it('borrows from the origin for a route it has not seen, but not from other origins', async () => {
    const stage = await learnt({ delay: { quantile: 0.9 } });
    const known = stage.run([{ ms: 1e5 }, { ms: 1 }], {}, at('http://service.test/new-route'));
    const foreign = stage.run([{ ms: 200 }], {}, at('http://other.test/items/1'));
    await stage.clock.advance(200);
    expect(hedgeInfo(await known)?.attempts).toBe(2);
    expect(hedgeInfo(await foreign)).toMatchObject({ attempts: 1, suppressionReason: 'warmup' });
  });

  it('does not mix what is raced: headers arrive sooner than bodies', async () => {
    const stage = await learnt({ delay: { quantile: 0.9 } });
    const promise = stage.run([{ ms: 200 }], {}, { raceUntil: 'headers' });
    await stage.clock.advance(200);
    expect(hedgeInfo(await promise)).toMatchObject({ attempts: 1, suppressionReason: 'warmup' });
  });

  it('renews its estimates after 250 samples, however often somebody looks', async () => {
    const stage = new Stage();
    const delayMs = (): number | undefined => stage.hedger.routes()[0]?.delayMs;
    await train(stage, new Array<number>(120).fill(1));
    expect(delayMs()).toBeCloseTo(1, 1);
    // Less than a second passes, which would renew them too.
    for (let part = 0; part < 5; part++) {
      await train(stage, new Array<number>(60).fill(2));
      delayMs();
    }
    expect(delayMs()).toBeCloseTo(2, 1);
  });

  it('keeps the last estimate through an idle spell', async () => {
    const stage = await learnt({ delay: { quantile: 0.9 } });
    const hedged = async (): Promise<number | undefined> => {
      const promise = stage.run([{ ms: 1e5 }, { ms: 1 }]);
      await stage.clock.advance(100);
      return hedgeInfo(await promise)?.delayMs;
    };
    const before = await hedged();
    await stage.clock.advance(3_600_000);
    expect(stage.hedger.routes()[0]?.samples).toBe(0);
    expect(await hedged()).toBe(before);
  });

  it('follows a change once the old has left the window', async () => {
    const stage = await learnt({ delay: { quantile: 0.9 } });
    for (let round = 0; round < 5; round++) await train(stage, ramp.map((ms) => ms * 3));
    const [route] = stage.hedger.routes();
    expect(route?.delayMs).toBeGreaterThan(265);
    expect(route?.delayMs).toBeLessThan(278);
  });

  it('stays within minMs and maxMs', async () => {
    const stage = await learnt({ delay: { quantile: 0.9 } });
    void stage.run([], { delay: { quantile: 0.9, maxMs: 20 } });
    void stage.run([], { delay: { quantile: 0.5, minMs: 70 } });
    await stage.clock.advance(100);
    expect(stage.started.filter(({ isHedge }) => isHedge).map(({ delayMs }) => delayMs)).toEqual([20, 70]);
  });

  it('leaves out failures that are faster than the delay', async () => {
    const stage = await learnt({ delay: { quantile: 0.9 } });
    for (let index = 0; index < 600; index++) {
      const promise = stage.run([{ ms: 1, status: 500 }]);
      await stage.clock.advance(1);
      await promise;
    }
    expect(stage.hedger.routes()[0]?.samples).toBe(300);
  });

  it('offers quantiles to a delay function, which may decline', async () => {
    const stage = await learnt({ delay: { quantile: 0.9 } });
    void stage.run([], { delay: ({ quantile }) => (quantile(0.5) ?? 0) * 2 });
    void stage.run([], { delay: () => undefined });
    await stage.clock.advance(200);
    const [hedge, ...others] = stage.started.filter(({ isHedge }) => isHedge);
    expect(others).toHaveLength(0);
    expect(Math.abs((hedge?.delayMs ?? 0) - 100)).toBeLessThan(3);
  });

  it('ignores what a delay function gives that is no time', async () => {
    const stage = new Stage({ delay: () => NaN });
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const promise = stage.run([{ ms: 5 }]);
    await stage.clock.advance(5);
    expect(hedgeInfo(await promise)?.attempts).toBe(1);
    expect(warned.mock.calls[0]?.[0]).toContain('`delay` returned an unusable value: expected milliseconds ≥ 0, got [NaN]');
    warned.mockRestore();
  });
});
