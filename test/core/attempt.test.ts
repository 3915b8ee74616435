import { describe, expect, it, jest } from '@jest/globals';
import { Attempt } from '#core/race/attempt.js';

describe('an attempt', () => {
  it('tells every listener once that it is aborted, as a signal would', () => {
    const attempt = new Attempt(1, 50);
    const listeners = [jest.fn(), jest.fn(), jest.fn()];
    for (const listener of listeners) attempt.addEventListener('abort', listener);
    const onAbort = jest.fn();
    attempt.onAbort(onAbort);
    expect([attempt.aborted, attempt.signal.aborted]).toEqual([false, false]);
    attempt.abort('late');
    attempt.abort('later');
    for (const listener of listeners) {
      expect(listener.mock.calls).toEqual([[{ type: 'abort' }]]);
      expect(listener.mock.contexts).toEqual([attempt]);
    }
    expect(onAbort.mock.calls).toEqual([['late']]);
    expect([attempt.aborted, attempt.reason, attempt.signal.reason]).toEqual([true, 'late', 'late']);
  });

  it('tells no listener that was removed, first or not', () => {
    const attempt = new Attempt(0, 0);
    const listeners = [jest.fn(), jest.fn(), jest.fn(), jest.fn()];
    const [first, second, third, fourth] = listeners as [jest.Mock, jest.Mock, jest.Mock, jest.Mock];
    attempt.removeEventListener('abort', first);
    for (const listener of listeners) attempt.addEventListener('abort', listener);
    attempt.removeEventListener('abort', third);
    attempt.removeEventListener('abort', first);
    attempt.abort('late');
    expect([first, second, third, fourth].map(({ mock }) => mock.calls.length)).toEqual([0, 1, 0, 1]);
  });

  it('that is aborted already says so at once, by whatever it is asked', () => {
    const attempt = new Attempt(0, 0);
    attempt.abort('early');
    const onAbort = jest.fn();
    attempt.onAbort(onAbort);
    expect(onAbort.mock.calls).toEqual([['early']]);
    expect([attempt.signal.aborted, attempt.signal.reason]).toEqual([true, 'early']);
    expect(attempt.signal).toBe(attempt.signal);
  });

  it('counts its time from its own start', () => {
    const attempt = new Attempt(2, 50);
    attempt.end('won', 80);
    expect(attempt).toMatchObject({ isHedge: true, outcome: 'won', durationMs: 30 });
    expect(new Attempt(0, 0).isHedge).toBe(false);
  });
});
