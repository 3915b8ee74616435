import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Hedger, HedgeOptions } from '@hedgerow/core';
import { withholdByHand } from '../real/reasons.js';
import { hedgerWith, hold, turn } from './held.js';
import { startSdk, type Sdk } from './sdk.js';

describe('metrics', () => {
  let sdk: Sdk;
  beforeEach(() => void (sdk = startSdk()));
  afterEach(() => sdk.stop());

  /** One call that this attempt wins. */
  async function won(hedger: Hedger, winner: number, url?: string): Promise<void> {
    const call = hold(hedger, url === undefined ? {} : { url });
    call.attempt(winner).answer();
    await call.end;
  }

  it('count requests and attempts, those of bypassed calls included', async () => {
    const hedger = hedgerWith();
    await won(hedger, 0);
    await won(hedger, 1);
    const bypassed = hold(hedger, { method: 'POST' });
    bypassed.attempt(0).answer();
    await bypassed.end;
    expect(await sdk.points('hedge.requests')).toEqual([{ attributes: {}, value: 3 }]);
    expect(await sdk.points('hedge.attempts')).toEqual([
      { attributes: { 'hedge.attempt.type': 'primary' }, value: 3 },
      { attributes: { 'hedge.attempt.type': 'hedge' }, value: 2 },
    ]);
  });

  it('count what could not be hedged, by reason, across collections', async () => {
    const hedger = hedgerWith({ maxReplayBytes: 1 });
    const bodies = { tooLarge: { replayable: true, bytes: 2 }, consumed: { replayable: false } };
    const requests = [{ method: 'POST' }, { method: 'PATCH' }, { body: bodies.tooLarge }, { body: bodies.consumed }];
    for (const request of requests) {
      const call = hold(hedger, request);
      call.attempt(0).answer();
      await call.end;
    }
    const counted = async (): Promise<unknown> => new Map((await sdk.points('hedge.ineligible')).map(({ attributes, value }) => [attributes['hedge.ineligible.reason'], value]));
    expect(await counted()).toEqual(new Map([['method', 2], ['body_too_large', 1], ['body_not_replayable', 1]]));
    hedger.configure({ mode: 'off' });
    const call = hold(hedger);
    call.attempt(0).answer();
    await call.end;
    expect(await counted()).toEqual(new Map([['method', 2], ['body_too_large', 1], ['body_not_replayable', 1], ['off', 1]]));
    expect(hedger.stats().ineligible).toMatchObject({ method: 2, body_too_large: 1, body_not_replayable: 1, off: 1, when: 0 });
  });

  it('count suppressions by reason', async () => {
    const hedger = hedgerWith({ budget: { deposit: () => undefined, tryTake: () => false } });
    await won(hedger, 0);
    await won(hedger, 0);
    expect(await sdk.points('hedge.suppressions')).toEqual([
      { attributes: { 'hedge.suppression.reason': 'budget_exhausted' }, value: 2 },
    ]);
  });

  it('count hedges that there is no connection for, and those that servers refuse, by reasons of their own', async () => {
    await withholdByHand(hedgerWith(), 20, 0);
    const counted = new Map((await sdk.points('hedge.suppressions')).map(({ attributes, value }) => [attributes['hedge.suppression.reason'], value]));
    expect([...counted.keys()].toSorted()).toEqual(['connections', 'refused']);
    expect(counted.get('connections')).toBe(20);
    expect(counted.get('refused')).toBeGreaterThan(0);
    expect(sdk.spans().some(({ attributes }) => attributes['hedge.suppression.reason'] === 'refused')).toBe(true);
  });

  it('record the duration of calls by who delivered, and of attempts by outcome, in seconds', async () => {
    let now = 0;
    const { systemClock } = await import('@hedgerow/core');
    const hedger = hedgerWith({ clock: { ...systemClock, now: () => now } });
    const call = hold(hedger);
    now += 250;
    call.attempt(1).answer();
    await call.end;
    const [request] = await sdk.points('hedge.request.duration');
    expect(request).toMatchObject({ attributes: { 'hedge.winner.type': 'hedge' }, value: 1, sum: 0.25 });
    expect(request?.buckets).toEqual([0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]);
    expect(await sdk.points('hedge.attempt.duration')).toMatchObject([
      { attributes: { 'hedge.attempt.type': 'hedge', 'hedge.attempt.outcome': 'won' }, value: 1, sum: 0.25 },
      { attributes: { 'hedge.attempt.type': 'primary', 'hedge.attempt.outcome': 'cancelled' }, value: 1, sum: 0.25 },
    ]);
  });

  it('name the error of a failed call and of its attempts as their spans do', async () => {
    const call = hold(hedgerWith());
    call.attempt(1).fail(Object.assign(new Error('no'), { code: 'ECONNRESET' }));
    await turn();
    call.attempt(0).answer(502);
    await call.end;
    expect(await sdk.points('hedge.request.duration')).toMatchObject([{ attributes: { 'error.type': '502' }, value: 1 }]);
    expect((await sdk.points('hedge.attempt.duration')).map(({ attributes }) => attributes)).toEqual([
      { 'hedge.attempt.type': 'hedge', 'hedge.attempt.outcome': 'failed', 'error.type': 'ECONNRESET' },
      { 'hedge.attempt.type': 'primary', 'hedge.attempt.outcome': 'failed', 'error.type': '502' },
    ]);
    expect(sdk.clients().map(({ attributes }) => attributes['error.type'])).toEqual(['502', 'ECONNRESET']);
  });

  it('record the hedges of hedged calls only', async () => {
    await won(hedgerWith({ delay: 60_000 }), 0);
    await won(hedgerWith({ delay: [0, 0] }), 0);
    const points = await sdk.points('hedge.request.hedges');
    expect(points).toMatchObject([{ attributes: {}, value: 1, sum: 2, buckets: [1, 2, 3, 4, 5] }]);
  });

  it('follow the attempts under way', async () => {
    const active = async (): Promise<number[]> =>
      Promise.all(['primary', 'hedge'].map((type) => sdk.total('hedge.attempt.active', { 'hedge.attempt.type': type })));
    const call = hold(hedgerWith({ losers: 'drain' }));
    expect(await active()).toEqual([1, 1]);
    call.attempt(1).answer();
    await call.end;
    expect(await active()).toEqual([1, 0]);
    call.attempt(0).answer();
    await turn();
    expect(await active()).toEqual([0, 0]);
  });

  it('have the units of the conventions', async () => {
    await won(hedgerWith({ budget: {} }), 0);
    const units = { 'hedge.requests': '{request}', 'hedge.attempts': '{attempt}', 'hedge.request.duration': 's', 'hedge.rate': '1', 'hedge.budget.limit': '{token}' };
    for (const [name, unit] of Object.entries(units)) expect([name, await sdk.unit(name)]).toEqual([name, unit]);
  });

  it('carry the server only when asked to, and never a URL', async () => {
    await won(hedgerWith({}, { serverAddressOnMetrics: true }), 0, 'https://user:pw@a.test/1?sig=x');
    await won(hedgerWith(), 0, 'https://b.test/1');
    expect(await sdk.points('hedge.requests')).toEqual([
      { attributes: { 'server.address': 'a.test', 'server.port': 443 }, value: 1 },
      { attributes: {}, value: 1 },
    ]);
    for (const name of ['hedge.attempts', 'hedge.request.duration', 'hedge.attempt.duration', 'hedge.attempt.active']) {
      expect(JSON.stringify(await sdk.points(name))).not.toMatch(/pw|sig|\/1|b\.test/);
    }
  });

  it('carry the key of a call by hedge() only when asked to', async () => {
    for (const keyOnMetrics of [true, false]) {
      const hedger = hedgerWith({ methods: ['POST'] }, { keyOnMetrics });
      await hedger.hedge('users.find', () => 1);
      await hedger.hedge('users.find', () => 1, { hedge: false });
      await won(hedger, 0);
    }
    const keyed = { 'hedge.key': 'users.find' };
    expect(await sdk.points('hedge.requests')).toEqual([{ attributes: keyed, value: 2 }, { attributes: {}, value: 4 }]);
    expect(await sdk.points('hedge.ineligible')).toContainEqual({ attributes: { ...keyed, 'hedge.ineligible.reason': 'disabled' }, value: 1 });
    expect(JSON.stringify(await sdk.points('hedge.attempt.duration'))).toContain('users.find');
  });

  it('are not recorded with `metrics: false`', async () => {
    await won(hedgerWith({}, { metrics: false }), 0);
    expect(await sdk.points('hedge.requests')).toEqual([]);
    expect(sdk.clients()).toHaveLength(2);
  });

  describe('observed', () => {
    const budget = { deposit: () => undefined, tryTake: () => true, usage: () => ({ used: 3, limit: 10 }) };

    it('report the state of a Hedger', async () => {
      const hedger = hedgerWith({ budget });
      await won(hedger, 0);
      await won(hedger, 1);
      expect(await sdk.points('hedge.rate')).toEqual([{ attributes: {}, value: 1 }]);
      expect(await sdk.points('hedge.budget.usage')).toEqual([{ attributes: {}, value: 3 }]);
      expect(await sdk.points('hedge.budget.limit')).toEqual([{ attributes: {}, value: 10 }]);
      expect(await sdk.points('hedge.budget.utilization')).toEqual([{ attributes: {}, value: 0.3 }]);
    });

    it('sum over several Hedgers, each rate by its calls, unless they have names', async () => {
      const often = hedgerWith({ budget });
      for (let call = 0; call < 3; call++) await won(often, 0);
      await won(hedgerWith({ budget, delay: 60_000 }), 0);
      await won(hedgerWith({ budget }, { name: 'search' }), 0);
      expect(await sdk.points('hedge.rate')).toEqual([
        { attributes: {}, value: 0.75 },
        { attributes: { 'hedge.name': 'search' }, value: 1 },
      ]);
      expect(await sdk.points('hedge.budget.limit')).toEqual([
        { attributes: {}, value: 20 },
        { attributes: { 'hedge.name': 'search' }, value: 10 },
      ]);
      expect(await sdk.total('hedge.requests')).toBe(5);
      expect(await sdk.total('hedge.requests', { 'hedge.name': 'search' })).toBe(1);
    });

    it('report the delay in seconds, per route when asked to', async () => {
      // Fifty samples of 40 ms: enough for the median, which is the delay.
      let now = 0;
      const { systemClock } = await import('@hedgerow/core');
      const clock = { ...systemClock, now: () => now, afterPoll: (callback: () => void) => callback(), setTimeout: () => 0 };
      const learnt = async (telemetry: { delayPerKey?: boolean; name: string }): Promise<void> => {
        const hedger = hedgerWith({ delay: { quantile: 0.5 }, worth: 0, clock }, telemetry);
        for (let sample = 0; sample < 50; sample++) {
          const call = hold(hedger, { url: 'http://api.test/users/42?page=1' });
          now += 40;
          call.attempt(0).answer();
          await call.end;
        }
      };
      await learnt({ name: 'one' });
      await learnt({ name: 'each', delayPerKey: true });
      const points = await sdk.points('hedge.delay');
      expect(points.map(({ attributes }) => attributes)).toEqual([
        { 'hedge.name': 'one' },
        { 'hedge.name': 'each', 'hedge.key': 'GET http://api.test/users/:id' },
      ]);
      for (const { value } of points) expect(value).toBeCloseTo(0.04, 3);
    });

    it('report how routes seek their goal', async () => {
      let now = 0;
      const { systemClock } = await import('@hedgerow/core');
      const clock = { ...systemClock, now: () => now, afterPoll: (callback: () => void) => callback(), setTimeout: () => 0, random: () => 0.5 };
      const hedger = hedgerWith({ delay: { minimize: 0.5 }, worth: 0, budget: { ratio: 0.5 }, clock }, { delayPerKey: true });
      for (let sample = 0; sample < 50; sample++) {
        const call = hold(hedger);
        now += 40;
        call.attempt(0).answer();
        await call.end;
      }
      const route = hedger.routes()[0];
      const attributes = { 'hedge.key': 'GET http://api.test/users/:id' };
      expect(await sdk.points('hedge.goal.probability')).toEqual([{ attributes, value: route?.goal?.probabilities[0] }]);
      expect(await sdk.points('hedge.delay')).toEqual([{ attributes, value: expect.closeTo((route?.delayMs ?? 0) / 1000, 12) }]);
      for (const gauge of ['predicted', 'achieved', 'identified']) {
        const [point] = await sdk.points(`hedge.goal.${gauge}`);
        expect(point?.attributes).toEqual(attributes);
        expect(point?.value).toBeCloseTo(0.04, 2);
      }
    });

    it('add up what hedges saved and wasted, in seconds, apart in shadow mode', async () => {
      let now = 0;
      const { systemClock } = await import('@hedgerow/core');
      const clock = { ...systemClock, now: () => now, afterPoll: (callback: () => void) => callback(), setTimeout: () => 0 };
      const hedger = hedgerWith({ delay: 0, clock });
      const take = async (ms: number, winner: number, hedge: HedgeOptions): Promise<void> => {
        const call = hold(hedger, {}, { hedge });
        now += ms;
        call.attempt(winner).answer();
        await call.end;
      };
      for (let sample = 0; sample < 100; sample++) await take(100, 0, { mode: 'shadow', delay: 60_000 });
      await take(40, 1, {}); // the primary would have taken 100 ms
      expect(await sdk.points('hedge.time.wasted')).toEqual([{ attributes: {}, value: 0.04 }]);
      const [saved] = await sdk.points('hedge.time.saved');
      expect(saved?.attributes).toEqual({ 'hedge.mode': 'on' });
      expect(saved?.value).toBeCloseTo(0.06, 2);
      await take(300, 0, { mode: 'shadow' });
      const [, shadow] = await sdk.points('hedge.time.saved');
      expect(shadow?.attributes).toEqual({ 'hedge.mode': 'shadow' });
      expect(shadow?.value).toBeCloseTo(0.2, 2);
      expect(await sdk.points('hedge.time.wasted')).toEqual([{ attributes: {}, value: 0.04 }]);
      expect(await sdk.unit('hedge.time.saved')).toBe('s');
    });

    it('leave out a Hedger that was disposed', async () => {
      const hedger = hedgerWith({ budget });
      await won(hedger, 0);
      await won(hedgerWith({ budget }), 0);
      hedger.dispose();
      expect(await sdk.points('hedge.budget.limit')).toEqual([{ attributes: {}, value: 10 }]);
    });

    it('do not keep a Hedger alive', async () => {
      setFlagsFromString('--expose-gc');
      const collectGarbage = runInNewContext('gc') as () => void;
      const forgotten = await (async () => {
        const hedger = hedgerWith({ budget });
        await won(hedger, 0);
        return new WeakRef(hedger);
      })();
      for (let round = 0; round < 20 && forgotten.deref(); round++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        collectGarbage();
      }
      expect(forgotten.deref()).toBeUndefined();
      expect(await sdk.points('hedge.budget.limit')).toEqual([]);
    });
  });
});
