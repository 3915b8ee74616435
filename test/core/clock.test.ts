import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Hedger, systemClock } from '@hedgerow/core';
import { afterPoll, setWeakTimeout } from '#core/common/clock.js';
import { FakeClock } from './fake-clock.js';

describe('the system’s timers', () => {
  afterEach(() => void jest.restoreAllMocks());

  it.each([
    [-11, 0],
    [-0.4, 0],
    [3.4, 3],
    [3.6, 4],
  ])('a delay of %d ms is one of %d: Node cuts fractions off, and warns of what is below zero', (delayMs, set) => {
    const asked = jest.spyOn(globalThis, 'setTimeout');
    systemClock.clearTimeout(systemClock.setTimeout(() => undefined, delayMs));
    expect(asked).toHaveBeenCalledWith(expect.any(Function), set);
  });

  it('let the event loop look at its sockets: by the platform’s own means, or else a zero timer', () => {
    const [setImmediate, callback] = [jest.fn<(callback: () => void) => void>(), jest.fn()];
    const set = jest.spyOn(globalThis, 'setTimeout').mockImplementation((() => 0) as never);
    afterPoll({ setImmediate })(callback);
    expect([setImmediate.mock.calls, set.mock.calls]).toEqual([[[callback]], []]);
    afterPoll({})(callback);
    expect([setImmediate.mock.calls.length, set.mock.calls]).toEqual([1, [[callback, 0]]]);
  });

  it('let it do so twice in Deno, which reads what waits in its sockets by the second time only', () => {
    const [waiting, callback] = [[] as (() => void)[], jest.fn()];
    afterPoll({ setImmediate: (turn) => waiting.push(turn), Deno: {} })(callback);
    waiting.shift()?.();
    expect(callback).not.toHaveBeenCalled();
    waiting.shift()?.();
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it.each([[undefined], [7], [{}], [{ unref: jest.fn() }]])('that may be weak do not keep the process alive where they can say so: %p', (timer) => {
    expect(setWeakTimeout({ ...systemClock, setTimeout: () => timer }, () => undefined, 5)).toBe(timer);
    if (typeof timer === 'object' && 'unref' in timer) expect(timer.unref).toHaveBeenCalledTimes(1);
  });
});

it('is a Hedger’s to read, for adapters', () => {
  const clock = new FakeClock();
  expect(new Hedger({ clock }).clock).toBe(clock);
});
