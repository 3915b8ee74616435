import { setImmediate as realTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Hedger, type AttemptContext, type HedgerOptions } from '@hedgerow/core';

/** Attempts that never end, not even when they are aborted. */
function run(options: HedgerOptions, signal?: AbortSignal): { started: AttemptContext[]; call: Promise<string> } {
  const started: AttemptContext[] = [];
  const hedger = new Hedger({ budget: false, ...options });
  const call = hedger.run<string>({
    request: { method: 'GET', url: 'http://service.test/' },
    start: (attempt) => (started.push(attempt), new Promise(() => undefined)),
    discard: () => undefined,
    ...(signal && { signal }),
  });
  call.catch(() => undefined);
  return { started, call };
}

/** The fake timers of jest are sinon's. */
describe('while timers are fake', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it.each([
    ['shared', false],
    ['of each call', true],
  ])('a hedge is sent when they are moved on, not before: timers %s', async (_whose, isPerRequest) => {
    const { systemClock } = await import('@hedgerow/core');
    const { started } = run({ delay: [50, 80], maxHedges: 2, clock: { ...systemClock, isPerRequest } });
    jest.advanceTimersByTime(49);
    await Promise.resolve();
    expect(started).toHaveLength(1);
    jest.advanceTimersByTime(1);
    await Promise.resolve();
    expect(started).toHaveLength(2);
    jest.advanceTimersByTime(100);
    await Promise.resolve();
    expect(started).toHaveLength(3);
  });

  it('`timeoutMs` passes when they are moved on', async () => {
    const { call } = run({ delay: 50, timeoutMs: 200 });
    jest.advanceTimersByTime(200);
    await expect(call).rejects.toMatchObject({ code: 'HEDGE_TIMEOUT' });
  });

  it('an abort comes through although they stand still', async () => {
    const controller = new AbortController();
    const { call } = run({ delay: 50 }, controller.signal);
    controller.abort(new Error('enough'));
    await realTurn();
    await expect(call).rejects.toThrow('enough');
  });
});
