import { describe, expect, it } from '@jest/globals';
import { Hedger } from '@hedgerow/core';
import { Reading } from '#core/timing/reading.js';
import { FakeClock } from './fake-clock.js';
import { seeded } from './traffic.js';

describe('an answer that is read', () => {
  it('has waited while those that came with it were dealt with', () => {
    const clock = new FakeClock();
    const reading = new Reading(clock);
    expect(reading.lagMs(clock.now())).toBe(0);
    clock.block(3);
    expect(reading.lagMs(clock.now())).toBe(3);
    clock.block(4);
    expect(reading.lagMs(clock.now())).toBe(7);
  });

  it('has waited half of the turn before, on average, if the loop went straight on', () => {
    const clock = new FakeClock();
    const reading = new Reading(clock);
    reading.lagMs(clock.now());
    clock.block(6);
    clock.jump(0);
    clock.block(0.1);
    expect(reading.lagMs(clock.now())).toBe(3);
  });

  it('has not waited if the loop did', () => {
    const clock = new FakeClock();
    const reading = new Reading(clock);
    reading.lagMs(clock.now());
    clock.block(6);
    clock.jump(0);
    clock.jump(2);
    expect(reading.lagMs(clock.now())).toBe(0);
  });

  it('is not thought to have waited where turns cannot be told apart', () => {
    const clock = Object.assign(new FakeClock(), { isPerRequest: true });
    const reading = new Reading(clock);
    reading.lagMs(clock.now());
    clock.block(3);
    expect(reading.lagMs(clock.now())).toBe(0);
  });

  it('counts as a sample without what it waited', async () => {
    const clock = new FakeClock();
    const random = seeded(1);
    const hedger = new Hedger({ clock, delay: 1e6 });
    for (let turn = 0; turn < 200; turn++) {
      const answers: ((answer: string) => void)[] = [];
      const start = (): PromiseLike<string> => ({ then: (onValue) => void answers.push((answer) => void onValue?.(answer)) as never });
      for (let call = 0; call < 4; call++) void hedger.run({ request: { method: 'GET', url: 'http://service.test/item' }, start });
      clock.jump(8 + 4 * random());
      for (const answer of answers) {
        answer('answer');
        clock.block(5);
      }
      clock.jump(20);
      await Promise.resolve();
    }
    const latency = hedger.state.memory.locate({ method: 'GET', url: 'http://service.test/item' }, 'body').curve();
    expect(latency?.quantile(0.5)).toBeCloseTo(10, 0);
    expect(latency?.quantile(0.99)).toBeLessThan(12.5);
  });
});
