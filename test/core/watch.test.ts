import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { CallObserver, HedgeInfo } from '@hedgerow/core';
import { Attempt } from '#core/race/attempt.js';
import { Reporter } from '#core/common/reporter.js';
import { Watch } from '#core/reporting/observers.js';

const view = { request: { method: 'GET', url: 'http://a.test/' }, key: 'GET /', origin: 'http://a.test' };

function watch(...watchers: readonly CallObserver[]): Watch | undefined {
  return Watch.of(watchers.map((watcher) => ({ onCall: () => watcher })), view, new Reporter());
}

describe('several observers', () => {
  let warned: jest.SpiedFunction<typeof process.emitWarning>;

  beforeEach(() => {
    warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });

  afterEach(() => warned.mockRestore());

  it('of whom none cares for a call cost nothing', () => {
    const onCall = jest.fn(() => undefined);
    expect(Watch.of([{}, { onCall }], view, new Reporter())).toBeUndefined();
    expect(onCall.mock.calls).toEqual([[view]]);
    expect(warned).not.toHaveBeenCalled();
  });

  it('are told of all that happens, those who want to know', () => {
    const told: unknown[] = [];
    const both = watch({}, {
      onAttemptEnd: ({ number }) => void told.push(number),
      onSuppressed: (reason) => void told.push(reason),
      onEnd: ({ key }, { kind }) => void told.push(key, kind),
    });
    const info = { key: 'GET /' } as HedgeInfo;
    expect(both?.attempt(new Attempt(0, 0))).toBeUndefined();
    both?.attemptEnd(new Attempt(1, 0));
    both?.suppressed('warmup');
    both?.end(info, { kind: 'won', status: 200, error: undefined });
    expect(told).toEqual([1, 'warmup', 'GET /', 'won']);
    expect(warned).not.toHaveBeenCalled();
  });

  it('nest their scopes, the first outermost, and the last one’s headers count', () => {
    const order: string[] = [];
    const scoped = (name: string, headers: Record<string, string>): CallObserver => ({
      onAttempt: () => ({ headers, run: (start) => (order.push(name), start()) }),
    });
    const scope = watch({}, scoped('a', { x: '1', y: '1' }), { onAttempt: () => undefined }, { onAttempt: () => ({ headers: { z: '3' } }) }, scoped('b', { y: '2' }))?.attempt(new Attempt(0, 0));
    expect(scope?.headers).toEqual({ x: '1', y: '2', z: '3' });
    expect(scope?.run?.(() => (order.push('start'), 7))).toBe(7);
    expect(order).toEqual(['a', 'b', 'start']);
    expect(warned).not.toHaveBeenCalled();
  });

  it('whose scopes have only headers, or throw, start all the same; what throws is reported', () => {
    const one = watch({});
    expect(one?.within({ headers: {} }, () => 7)).toBe(7);
    expect(warned).not.toHaveBeenCalled();
    expect(one?.within({ run: () => { throw new Error('mine'); } }, () => 8)).toBe(8);
    expect(warned.mock.calls.map(([message]) => message)).toEqual(['hedgerow: an observer threw: mine']);
  });

  it('who throw are reported, and the others are told all the same', () => {
    const onAttemptEnd = jest.fn();
    const fail = (): never => { throw new Error('mine'); };
    const some = Watch.of([{ onCall: fail }, { onCall: () => ({ onAttemptEnd: fail }) }, { onCall: () => ({ onAttemptEnd }) }], view, new Reporter());
    some?.attemptEnd(new Attempt(0, 0));
    expect(onAttemptEnd).toHaveBeenCalledTimes(1);
    expect(warned.mock.calls.map(([message]) => message)).toEqual(['hedgerow: an observer threw: mine']);
    expect(Watch.of([{ onCall: fail }], view, new Reporter())).toBeUndefined();
    expect(warned.mock.calls).toHaveLength(2);
    const other = Watch.of([{ onCall: () => ({ onEnd: fail }) }], view, new Reporter());
    other?.end({} as HedgeInfo, { kind: 'won', status: 200, error: undefined });
    expect(warned.mock.calls).toHaveLength(3);
  });
});
