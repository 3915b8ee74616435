import { describe, expect, it, jest } from '@jest/globals';
import { Attempt } from '#core/race/attempt.js';
import type { HedgerState, RaceSetup } from '#core/race/hedger-state.js';
import { Reporter } from '#core/common/reporter.js';
import { haveCollided, heed, identify, judge, judgeDrained } from '#core/race/learning.js';

/** An attempt that was on an instance and ended, or has not. */
function attempt(number: number, delayMs: number, instance?: string, endedAtMs?: number): Attempt {
  const made = new Attempt(number, delayMs);
  made.instance = instance;
  if (endedAtMs !== undefined) made.end('failed', endedAtMs);
  return made;
}

function host(): { readonly host: HedgerState; readonly judged: jest.Mock; readonly heeded: jest.Mock; readonly pushed: jest.Mock } {
  const [judged, heeded, pushed] = [jest.fn(), jest.fn(), jest.fn()];
  return { host: { judge: judged, pushbacks: { heed: heeded, add: pushed }, clock: { now: () => 500 }, reading: { lagMs: () => 4 }, reporter: new Reporter() } as unknown as HedgerState, judged, heeded, pushed };
}

function setup(call: object = {}, options: object = {}, gate?: object): RaceSetup<unknown> {
  return { call: { request: { method: 'GET', url: 'http://a.test/' }, ...call }, options, place: { origin: 'http://a.test', gate } } as unknown as RaceSetup<unknown>;
}

const answer = { ok: true, value: {} } as const;

describe('instances', () => {
  it('are noted where a header names them, and told to the gate', () => {
    const answeredBy = jest.fn();
    const headerOf = (_: unknown, name: string): string | undefined => (name === 'x-mute' ? undefined : 'one');
    const [named, unnamed, silent] = [attempt(0, 0), attempt(0, 0), attempt(0, 0)];
    identify(host().host, setup({ headerOf }, { instanceHeader: 'x-served-by' }, { answeredBy }), named, answer);
    identify(host().host, setup({ headerOf }, { instanceHeader: undefined }, { answeredBy }), unnamed, answer);
    identify(host().host, setup({ headerOf }, { instanceHeader: 'x-mute' }, { answeredBy }), silent, answer);
    identify(host().host, setup({ headerOf }, { instanceHeader: 'x-served-by' }), attempt(0, 0), answer);
    expect([named.instance, unnamed.instance, silent.instance]).toEqual(['one', undefined, undefined]);
    expect(answeredBy.mock.calls).toEqual([['one']]);
  });

  it.each([
    [[], false],
    [['one'], false],
    [['one', 'two'], false],
    [['one', 'one'], true],
    [[undefined, undefined], false],
    [['one', undefined, 'one'], true],
  ])('of %j have collided: %s', (instances, expected) => {
    expect(haveCollided(instances.map((instance, number) => attempt(number, 0, instance)))).toBe(expected);
  });
});

describe('a call that was won', () => {
  it('says of its first hedge whether it was of use', () => {
    const { host: told, judged } = host();
    const [primary, hedge] = [attempt(0, 0, 'one'), attempt(1, 20, 'one')];
    judge(told, setup(), [primary, hedge], hedge, 50);
    expect(judged.mock.calls).toEqual([[expect.anything(), { delayMs: 20, tookMs: 26, lagMs: 4, hasWon: true, hasCollided: true, nowMs: 500 }]]);
    judge(told, setup(), [attempt(0, 0, 'one', 60), attempt(1, 20, 'two')], primary, 60);
    expect(judged.mock.lastCall?.[1]).toMatchObject({ hasWon: false, hasCollided: false });
  });

  it.each([[10, false], [20, false], [20.5, true]])('says nothing of it where the primary had failed by then: after %d ms of 20', (endedAtMs, isTold) => {
    const { host: told, judged } = host();
    const hedge = attempt(1, 20);
    judge(told, setup(), [attempt(0, 0, undefined, endedAtMs), hedge], hedge, 50);
    expect(judged.mock.calls.length > 0).toBe(isTold);
  });

  it.each([0, 1])('says nothing of its hedge where attempt %d was refused', (refused) => {
    const { host: told, judged } = host();
    const attempts = [attempt(0, 0), attempt(1, 20)].map((each) => Object.assign(each, { isRefused: each.number === refused }));
    judge(told, setup(), attempts, attempt(1, 20), 50);
    expect(judged).not.toHaveBeenCalled();
  });

  it('without a hedge says nothing', () => {
    const { host: told, judged } = host();
    judge(told, setup(), [attempt(0, 0)], attempt(0, 0), 50);
    judgeDrained(told, setup(), [attempt(0, 0)], 50);
    expect(judged).not.toHaveBeenCalled();
  });

  it('may learn from a drained loser that both were on one instance', () => {
    const { host: told, judged } = host();
    judgeDrained(told, setup(), [attempt(0, 0, 'one'), attempt(1, 20, 'two')], 50);
    expect(judged).not.toHaveBeenCalled();
    judgeDrained(told, setup(), [attempt(0, 0, 'one'), attempt(1, 20, 'one')], 50);
    expect(judged.mock.calls.map(([, decided]) => decided)).toEqual([{ delayMs: 20, tookMs: 26, lagMs: 4, hasWon: false, hasCollided: true, nowMs: 500 }]);
  });
});

describe('a server’s wish to be left alone', () => {
  const answered = (status: number | undefined): Attempt => Object.assign(attempt(1, 20), { status });
  const headerOf = (_: unknown, name: string): string => `the ${name}`;

  it.each([[399, false], [400, true], [503, true], [undefined, false]])('is looked for in an answer of %s: %s', (status, isHeeded) => {
    const { host: told, heeded } = host();
    expect(heed(told, setup({ headerOf }), answered(status), answer, 500)).toBeUndefined();
    expect(heeded.mock.calls).toEqual(isHeeded ? [['http://a.test', status, 'the retry-after', 500]] : []);
  });

  it('may come without headers', () => {
    const { host: told, heeded } = host();
    heed(told, setup(), answered(503), answer, 500);
    expect(heeded.mock.calls).toEqual([['http://a.test', 503, undefined, 500]]);
  });

  it.each([[0, [['http://a.test', 0, 500]]], [70, [['http://a.test', 70, 500]]], [Infinity, []]])('may be said by its protocol: %d ms', (waitMs, expected) => {
    const { host: told, heeded, pushed } = host();
    expect(heed(told, setup({ headerOf, pushbackMsOf: () => waitMs }), answered(503), answer, 500)).toBe(waitMs);
    expect(pushed.mock.calls).toEqual(expected);
    expect(heeded).not.toHaveBeenCalled();
  });

  it('concerns the origin that the attempt went to', () => {
    const { host: told, heeded } = host();
    heed(told, setup({ headerOf }), Object.assign(answered(503), { steered: { origin: 'http://b.test' } }), answer, 500);
    expect(heeded.mock.calls[0]?.[0]).toBe('http://b.test');
  });
});
