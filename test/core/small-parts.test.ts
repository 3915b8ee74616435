import { describe, expect, it, jest } from '@jest/globals';
import { hedgeInfo, Hedger, HedgeTimeoutError } from '@hedgerow/core';
import { Attempt } from '#core/race/attempt.js';
import { systemClock } from '#core/common/clock.js';
import { Counters } from '#core/reporting/counters.js';
import { abortUnless, isTimeout, lossReason } from '#core/race/losers.js';
import { isThenable } from '#core/common/thenable.js';
import { LruMap } from '#core/common/lru.js';
import { Reporter } from '#core/common/reporter.js';
import type { Place } from '#core/routes/place.js';
import { FakeClock } from './fake-clock.js';
import { Stage } from './stage.js';

describe('the system clock', () => {
  it('tells monotonic time, wall-clock time and chance', async () => {
    const [before, epochBefore] = [performance.now(), Date.now()];
    await new Promise((resolve) => systemClock.setTimeout(() => resolve(undefined), 1.6));
    expect(systemClock.now() - before).toBeGreaterThanOrEqual(1);
    expect(systemClock.now()).toBeLessThanOrEqual(performance.now());
    expect(systemClock.epochNow()).toBeGreaterThanOrEqual(epochBefore);
    expect(systemClock.epochNow()).toBeLessThanOrEqual(Date.now());
    const chances = Array.from({ length: 20 }, () => systemClock.random());
    expect(chances.every((chance) => chance >= 0 && chance < 1)).toBe(true);
    expect(new Set(chances).size).toBeGreaterThan(1);
  });

  it('rounds delays, calls back after a poll, and forgets what is cancelled', async () => {
    const set = jest.spyOn(globalThis, 'setTimeout');
    const cancelled = jest.fn();
    systemClock.clearTimeout(systemClock.setTimeout(cancelled, 3.9));
    expect(set).toHaveBeenCalledWith(cancelled, 4);
    set.mockRestore();
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      systemClock.afterPoll(() => resolve(void order.push('poll')));
      void Promise.resolve().then(() => order.push('reaction'));
    });
    expect(order).toEqual(['reaction', 'poll']);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(cancelled).not.toHaveBeenCalled();
  });
});

describe('what losers are aborted with', () => {
  it.each([
    ['won', 'AbortError', 'another attempt won'],
    ['failed', 'AbortError', 'the call was given up'],
    ['cancelled', 'AbortError', 'the call was given up'],
    ['timeout', 'TimeoutError', 'the call was given up'],
  ] as const)('when the call was %s is an %s', (kind, name, message) => {
    expect(lossReason(kind)).toBeInstanceOf(DOMException);
    expect(lossReason(kind)).toMatchObject({ name, message });
  });

  it('is told apart from a timeout by its name', () => {
    expect([undefined, null, 'TimeoutError', new Error('x'), new DOMException('', 'TimeoutError')].map(isTimeout)).toEqual([false, false, false, false, true]);
  });

  it('is an error of our own when timeoutMs has passed', async () => {
    const stage = new Stage({ timeoutMs: 30, delay: 10 });
    const error: unknown = await Promise.all([stage.run([]).catch((reason: unknown) => reason), stage.clock.advance(100)]).then(([reason]) => reason);
    expect(error).toBeInstanceOf(HedgeTimeoutError);
    expect(error).toMatchObject({ name: 'HedgeTimeoutError', code: 'HEDGE_TIMEOUT', timeoutMs: 30, message: 'no acceptable answer within 30 ms' });
    expect(stage.started[1]?.signal.reason).toMatchObject({ name: 'TimeoutError' });
    expect(stage.hedger.stats()).toMatchObject({ failed: 1, cancelled: 0 });
  });
});

describe('an attempt whose answer is being drained', () => {
  it('is aborted when its time is over', async () => {
    const [clock, attempt] = [new FakeClock(), new Attempt(0, 0)];
    abortUnless(new Promise(() => undefined), clock, attempt, 500);
    await clock.advance(499);
    expect(attempt.aborted).toBe(false);
    await clock.advance(1);
    expect(attempt.reason).toMatchObject({ name: 'AbortError', message: 'another attempt won' });
  });

  it.each(['drained', 'broken', 'aborted'])('is not waited for any longer once it is %s', async (what) => {
    const [clock, attempt] = [new FakeClock(), new Attempt(0, 0)];
    if (what === 'aborted') attempt.abort('before');
    abortUnless(what === 'drained' ? Promise.resolve() : what === 'broken' ? Promise.reject(new Error('broken')) : new Promise(() => undefined), clock, attempt, 500);
    await clock.advance(1);
    expect(clock.pending).toBe(0);
    expect(attempt.reason).toBe(what === 'aborted' ? 'before' : undefined);
  });

  it('is known by a promise', () => {
    const then = (): void => undefined;
    expect([Promise.resolve(), { then }, Object.assign(() => 1, { then })].map(isThenable)).toEqual([true, true, true]);
    const refusing = { get then(): never { throw new Error('not to be asked'); } };
    expect([undefined, null, 7, 'then', {}, { then: 1 }, refusing].map(isThenable)).toEqual(new Array(7).fill(false));
  });

  it('has taken as long as it is under way', async () => {
    const stage = new Stage({ delay: 10, losers: 'drain' });
    const call = stage.run([{ ms: 50 }, { ms: 1_000 }]);
    await stage.clock.advance(50);
    expect(hedgeInfo(await call)).toMatchObject({ winner: 0, attemptDurationsMs: [50, 40] });
  });
});

describe('a Hedger', () => {
  /** A route and its gate. */
  function place(): { readonly place: Place; readonly gate: { readonly launched: jest.Mock; readonly decide: jest.Mock } } {
    const gate = { isClosed: false, launched: jest.fn(), decide: jest.fn() };
    return { place: { origin: 'http://a.test', easing: 1, gate, pool: { lift: { easing: 1, hold: jest.fn() }, spare: { isCalm: true } } } as unknown as Place, gate };
  }

  it.each([[true, undefined, 1], [false, 'budget_exhausted', 0]] as const)('tells the gate of hedges that the budget lets through: %s', (isGiven, refusal, launched) => {
    const { place: route, gate } = place();
    const hedger = new Hedger({ clock: new FakeClock(), budget: { deposit: () => undefined, tryTake: () => isGiven } });
    expect(hedger.state.permit(route, 1, 0, undefined)).toBe(refusal);
    expect(gate.launched).toHaveBeenCalledTimes(launched);
  });

  it.each([[true, 0], [false, 1]])('learns nothing of copies in an outage: %s', (isBraked, decided) => {
    const { place: route, gate } = place();
    const clock = new FakeClock();
    const hedger = new Hedger({ clock });
    Object.assign(hedger.state, { budget: { allowance: { isBraked: () => isBraked } } });
    hedger.state.judge(route, { delayMs: 10, tookMs: 5, hasWon: false, hasCollided: false, lagMs: 0, nowMs: 0 });
    clock.jump(0);
    expect(gate.decide).toHaveBeenCalledTimes(decided);
  });

  it('names the option whose function threw', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const stage = new Stage({ latency: { key: () => { throw new Error('mine'); } } });
    const call = stage.run([{ ms: 1 }]);
    await stage.clock.advance(10);
    expect(hedgeInfo(await call)?.key).toBe('GET http://service.test/items/:id');
    expect(warned.mock.calls.map(([message]) => message)).toEqual(['hedgerow: option `latency.key` threw: mine']);
    warned.mockRestore();
  });
});

describe('a map that forgets', () => {
  it('keeps what was used last, also of things that are falsy, and what it looked at does not count', () => {
    const map = new LruMap<number>(2);
    const made: string[] = [];
    const get = (key: string): number => map.get(key, (name) => made.push(name) * 0);
    for (const key of ['a', 'b', 'a', 'c', 'c']) get(key);
    expect([map.peek('a'), map.peek('b'), map.peek('c')]).toEqual([0, undefined, 0]);
    expect(made).toEqual(['a', 'b', 'c']);
    map.peek('a');
    get('d');
    expect([map.size, map.peek('a'), [...map.values()]]).toEqual([2, undefined, [0, 0]]);
    get('d');
    expect(made).toEqual(['a', 'b', 'c', 'd']);
  });

  it('makes an entry anew that is undefined', () => {
    const map = new LruMap<number | undefined>(2);
    const values = [undefined, 1];
    expect([map.get('a', () => values.shift()), map.get('a', () => values.shift())]).toEqual([undefined, 1]);
  });
});

describe('a report', () => {
  it('is made once per subject, with where the error came from', () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const reporter = new Reporter();
    const error = new Error('broken');
    reporter.warn('subject', error);
    reporter.warn('subject', error);
    reporter.warn('another', 'text');
    delete error.stack;
    reporter.warn('third', error);
    expect(warned.mock.calls).toEqual([
      ['hedgerow: subject: broken', { type: 'HedgerowWarning', detail: expect.stringContaining('small-parts') }],
      ['hedgerow: another: text', { type: 'HedgerowWarning', detail: '' }],
      ['hedgerow: third: broken', { type: 'HedgerowWarning', detail: '' }],
    ]);
    warned.mockRestore();
  });

  it('says what is wrong with an answer that is a promise', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const reporter = new Reporter();
    const late = (): unknown => Promise.reject(new Error('hunter2'));
    expect(reporter.ask('question', late)).toBeUndefined();
    expect(reporter.guard('choice', late, () => 7)()).toBe(7);
    reporter.tell('news', late);
    await new Promise((resolve) => setImmediate(resolve));
    const nobody = 'nobody waits for its promise, catch its errors where they come from';
    expect(warned.mock.calls.map(([message]) => message)).toEqual([
      'hedgerow: question returned a promise: it has to answer at once, and counts as no answer',
      'hedgerow: option `choice` returned a promise: it has to answer at once',
      `hedgerow: question rejected: ${nobody}`,
      `hedgerow: option \`choice\` rejected: ${nobody}`,
      `hedgerow: news rejected: ${nobody}`,
    ]);
    warned.mockRestore();
  });

  it('says nothing of what is no promise, and shows what can be shown', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const reporter = new Reporter();
    const refuse = (): never => { throw new Error('not to be asked'); };
    reporter.tell('news', () => Object.defineProperty({}, 'then', { get: refuse }));
    await new Promise((resolve) => setImmediate(resolve));
    expect(warned).not.toHaveBeenCalled();
    reporter.warn('stack', Object.defineProperty(new Error('broken'), 'stack', { get: refuse }));
    expect(warned.mock.calls).toEqual([['hedgerow: stack: broken', { type: 'HedgerowWarning', detail: '' }]]);
    warned.mockRestore();
  });

  it('goes to the console where there is no process', () => {
    const warned = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { process } = globalThis;
    try {
      for (const substitute of [undefined, {}]) {
        Object.assign(globalThis, { process: substitute });
        new Reporter().warn('subject', 'text');
      }
    } finally {
      Object.assign(globalThis, { process });
    }
    expect(warned.mock.calls).toEqual([['hedgerow: subject: text'], ['hedgerow: subject: text']]);
    warned.mockRestore();
  });
});

describe('counters', () => {
  it('count calls, hedged calls, wins, and hedges per call of the last minute', () => {
    const counters = new Counters();
    expect(counters.hedgeRate(0)).toBe(0);
    for (let call = 0; call < 4; call++) counters.begin(0);
    counters.launch(1, 0);
    counters.launch(2, 0);
    expect(counters).toMatchObject({ calls: 4, eligible: 4, hedged: 1, hedges: 2, activeHedges: 2 });
    expect(counters.hedgeRate(10_000)).toBe(0.25);
    expect(counters.hedgeRate(61_000)).toBe(0);
    counters.end('won', 0);
    counters.end('won', 1);
    counters.end('failed', undefined);
    expect(counters.wins).toEqual({ primary: 1, hedge: 1 });
    expect(counters.ends).toEqual({ won: 2, failed: 1, cancelled: 0, timeout: 0 });
  });
});

describe('observers', () => {
  it('can be detached, and need not care', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const stage = new Stage({ mode: 'off' });
    const [first, second] = [jest.fn(), jest.fn()];
    const detach = stage.hedger.observe({ onBypass: first });
    stage.hedger.observe({ onBypass: second });
    stage.hedger.observe({});
    stage.hedger.observe({ onBypass: () => { throw new Error('mine'); } });
    void stage.run([{ ms: 1 }]);
    detach();
    void stage.run([{ ms: 1 }]);
    await stage.clock.advance(10);
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 2]);
    expect(warned.mock.calls.map(([message]) => message)).toEqual(['hedgerow: an observer threw: mine']);
    warned.mockRestore();
    stage.hedger.dispose();
    expect(stage.hedger.state.observers).toMatchObject({ list: [] });
    expect(new Hedger().state.observers).toMatchObject({ list: [] });
  });
});
