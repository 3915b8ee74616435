import { describe, expect, it } from '@jest/globals';
import { Hedger, type HedgerOptions } from '@hedgerow/core';
import { Resets } from '@hedgerow/core/adapter';
import { FakeClock } from './fake-clock.js';

/** Letters only: digits would be collapsed to `:id`. */
const word = (index: number): string => String(index).replaceAll(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)));

/** A service that is asked now and then, among others that somebody chooses. */
class Crowd {
  readonly clock = new FakeClock();
  readonly hedger: Hedger;
  hedges = 0;
  calls = 0;

  constructor(options: HedgerOptions) {
    this.hedger = new Hedger({ clock: this.clock, ...options });
  }

  /** A call of the victim takes 50 ms, one of the others 1. */
  async ask(url: string, ms: number): Promise<void> {
    const isVictim = url.includes('victim');
    if (isVictim) this.calls++;
    const start = ({ isHedge }: { isHedge: boolean }): Promise<void> => {
      if (isVictim && isHedge) this.hedges++;
      return this.clock.sleep(ms);
    };
    const call = this.hedger.run({ request: { method: 'GET', url }, start });
    await this.clock.advance(ms);
    await call;
  }

  async others(count: number, path = '/'): Promise<void> {
    for (let other = 0; other < count; other++) await this.ask(`http://${word(other)}.attacker.test${path}`, 1);
  }
}

describe('what is bounded although maps forget', () => {
  it.each([1, 3])('the hedges of an origin that others make forgotten between its calls, up to %d of each', async (maxHedges) => {
    const crowd = new Crowd({ delay: 5, maxHedges, latency: { maxKeys: 20 } });
    for (let round = 0; round < 100; round++) {
      await crowd.ask('http://victim.test/', 50);
      await crowd.others(21);
    }
    expect(crowd.hedges).toBeLessThanOrEqual(3 + 0.1 * crowd.calls);
  });

  it('the hedges of an origin that comes back', async () => {
    const crowd = new Crowd({ delay: 5, latency: { maxKeys: 20 } });
    for (let call = 0; call < 100; call++) await crowd.ask('http://victim.test/', 50);
    const before = crowd.hedges;
    expect(before).toBeGreaterThan(8);
    await crowd.others(30);
    for (let call = 0; call < 9; call++) await crowd.ask('http://victim.test/', 50);
    expect(crowd.hedges).toBe(before);
    for (let call = 0; call < 20; call++) await crowd.ask('http://victim.test/', 50);
    expect(crowd.hedges).toBeGreaterThan(before);
  });

  it('a new origin’s first tokens are there while nothing was forgotten', async () => {
    const crowd = new Crowd({ delay: 5, latency: { maxKeys: 20 } });
    await crowd.others(18);
    for (let call = 0; call < 3; call++) await crowd.ask('http://victim.test/', 50);
    expect(crowd.hedges).toBe(3);
  });

  it('resets of a connection that others make forgotten', async () => {
    const clock = new FakeClock();
    const resets = new Resets(clock, 1);
    let cancelled = 0;
    for (let round = 0; round < 5; round++) {
      for (let stream = 0; stream < 30; stream++) resets.cancel('victim', { hasEnded: false, cancel: () => cancelled++ });
      for (let other = 0; other < 1_001; other++) resets.cancel(word(other), { hasEnded: true, cancel: () => undefined });
    }
    expect(cancelled).toBe(20);
    await clock.advance(10_000);
    // Each round's streams wait on, but they are of the same few connections.
    expect(cancelled).toBeLessThanOrEqual(20 + 5 * 10);
  });

  it('not at the cost of what is in use: a busy origin has its latencies, however many others there are', async () => {
    const crowd = new Crowd({ latency: { maxKeys: 20 } });
    for (let call = 0; call < 300; call++) await crowd.ask('http://victim.test/a', call % 20 === 0 ? 50 : 10);
    for (let other = 0; other < 50; other++) {
      await crowd.ask(`http://${word(other)}.attacker.test/`, 1);
      await crowd.ask('http://victim.test/a', 10);
    }
    const before = crowd.hedger.stats().suppressions.warmup;
    for (let call = 0; call < 10; call++) await crowd.ask('http://victim.test/new', 10);
    expect(crowd.hedger.stats().suppressions.warmup).toBe(before);
  });

  it('with nothing kept of origins without routes', async () => {
    const crowd = new Crowd({ latency: { maxKeys: 5 } });
    await crowd.others(50);
    const { origins } = crowd.hedger.state.memory as unknown as { readonly origins: ReadonlyMap<string, unknown> };
    expect(origins.size).toBe(5);
    for (let path = 0; path < 20; path++) await crowd.ask(`http://a.attacker.test/${word(path)}`, 1);
    expect([...origins.keys()]).toEqual(['http://a.attacker.test body']);
  });
});

describe('delays beyond what timers can count', () => {
  it.each([
    ['of a function', { delay: () => 3e9 }],
    ['that are multiples of one', { delay: 2 ** 31 - 1, maxHedges: 3 }],
    ['of seventy years', { delay: () => Number.MAX_SAFE_INTEGER }],
  ] satisfies [string, HedgerOptions][])('are no hedge, and set no timer that overflows: %s', async (_, options) => {
    const clock = new FakeClock();
    const set: number[] = [];
    const { setTimeout } = clock;
    Object.assign(clock, { setTimeout: (callback: () => void, ms: number) => (set.push(ms), setTimeout(callback, ms)) });
    const hedger = new Hedger({ clock, ...options });
    for (let call = 0; call < 20; call++) {
      const running = hedger.run({ request: { method: 'GET', url: 'http://a.test/' }, start: () => clock.sleep(20) });
      await clock.advance(20);
      await running;
    }
    expect(set.length).toBeGreaterThan(20);
    expect(Math.max(...set)).toBeLessThanOrEqual(2 ** 31 - 1);
    expect(hedger.stats()).toMatchObject({ hedged: 0, activeHedges: 0 });
    expect(clock.pending).toBe(0);
  });
});
