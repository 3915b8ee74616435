import { describe, expect, it, jest } from '@jest/globals';
import { Hedger } from '@hedgerow/core';
import { Resets, type UnwantedStream } from '@hedgerow/core/adapter';
import { FakeClock } from './fake-clock.js';

class Stream implements UnwantedStream {
  hasEnded = false;
  isCancelled = false;

  cancel(): void {
    this.isCancelled = true;
  }
}

function setUp(perSecond: number) {
  const clock = new FakeClock();
  const resets = new Resets(clock, perSecond);
  const cancel = (count: number, connection = 'a'): Stream[] =>
    Array.from({ length: count }, () => {
      const stream = new Stream();
      resets.cancel(connection, stream);
      return stream;
    });
  return { clock, resets, cancel };
}

const cancelled = (streams: readonly Stream[]): number => streams.filter(({ isCancelled }) => isCancelled).length;

describe('Resets', () => {
  it('cancels at once, twenty seconds\' worth of its rate', () => {
    const { cancel, clock } = setUp(25);
    expect(cancelled(cancel(500))).toBe(500);
    expect(clock.pending).toBe(0);
    expect(cancelled(cancel(1))).toBe(0);
  });

  it('never cancels more in any time than the burst and what the rate gives', async () => {
    const { cancel, clock } = setUp(5);
    const streams: Stream[] = [];
    for (let second = 1; second <= 30; second++) {
      streams.push(...cancel(15));
      await clock.advance(1_000);
      expect(cancelled(streams)).toBeLessThanOrEqual(100 + 5 * second);
    }
    expect(cancelled(streams)).toBeGreaterThanOrEqual(100 + 5 * 29);
  });

  it('cancels those that hang in the order in which they lost, and then rests', async () => {
    const { cancel, clock } = setUp(10);
    cancel(200);
    const hanging = cancel(10);
    await clock.advance(510);
    expect(hanging.map(({ isCancelled }) => isCancelled)).toEqual([...Array<boolean>(5).fill(true), ...Array<boolean>(5).fill(false)]);
    await clock.advance(1_000);
    expect(cancelled(hanging)).toBe(10);
    expect(clock.pending).toBe(0);
  });

  it('spends nothing on a stream that has ended while it waited', async () => {
    const { cancel, clock } = setUp(10);
    cancel(200);
    const [ended, hanging] = cancel(2);
    if (ended !== undefined) ended.hasEnded = true;
    await clock.advance(210);
    expect([ended?.isCancelled, hanging?.isCancelled]).toEqual([false, true]);
    await clock.advance(100);
    expect(clock.pending).toBe(0);
  });

  it('waits no longer for what has ended behind others, and cancels nothing twice', async () => {
    const { cancel, clock, resets } = setUp(0.1);
    cancel(2);
    const [first, second] = cancel(2) as [Stream, Stream];
    resets.cancel('a', first);
    second.hasEnded = true;
    await clock.advance(100);
    expect(clock.pending).toBe(2);
    const cancelFirst = jest.spyOn(first, 'cancel');
    await clock.advance(60_000);
    expect(cancelFirst).toHaveBeenCalledTimes(1);
    expect(clock.pending).toBe(0);
  });

  it('counts what could not wait', () => {
    const { cancel, resets } = setUp(1);
    for (let reset = 0; reset < 100; reset++) resets.spend('a');
    expect(cancelled(cancel(1))).toBe(0);
  });

  it('counts one for one', () => {
    const { cancel, resets } = setUp(1);
    for (let reset = 0; reset < 5; reset++) resets.spend('a');
    expect(cancelled(cancel(20))).toBe(15);
  });

  it('keeps connections apart, and limits none on demand', () => {
    const { cancel } = setUp(1);
    expect(cancelled(cancel(30))).toBe(20);
    expect(cancelled(cancel(20, 'b'))).toBe(20);
    expect(cancelled(setUp(Infinity).cancel(10_000))).toBe(10_000);
  });

  it.each([0, -1, NaN])('is no option of a Hedger with %d a second', (maxResetsPerSecond) => {
    expect(() => new Hedger({ maxResetsPerSecond })).toThrow('hedgerow: option `maxResetsPerSecond` must be a number > 0, got ');
  });
});
