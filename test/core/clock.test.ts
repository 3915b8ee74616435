import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { systemClock } from '@hedgerow/core';

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
});
