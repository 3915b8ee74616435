import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { discard, hasRoom, headerOf, keep, pushbackMsOf, statusOf, timeoutError, whenReleased } from '#core/race/adapter-calls.js';
import type { HedgeCall, Settled, Steered } from '#core/call.js';
import { Reporter } from '#core/common/reporter.js';

const settled: Settled<unknown> = { ok: true, value: {} };
const steered = { url: 'http://b.test/', origin: 'http://b.test' } as Steered;
const nothing = (): void => undefined;

/** How each hook is asked, with what it is told, and what counts where it gives no usable answer. */
const HOOKS = [
  ['statusOf', (reporter, call) => statusOf(reporter, call, settled), [settled], undefined],
  ['headerOf', (reporter, call) => headerOf(reporter, call, settled, 'etag'), [settled, 'etag'], undefined],
  ['pushbackMsOf', (reporter, call) => pushbackMsOf(reporter, call, settled), [settled], undefined],
  ['hasRoom', (reporter, call) => hasRoom(reporter, call, steered), [steered], true],
  ['discard', (reporter, call) => discard(reporter, call, settled), [settled], undefined],
  ['keep', (reporter, call) => keep(reporter, call, settled, nothing), [settled, nothing], undefined],
  ['whenReleased', (reporter, call) => whenReleased(reporter, call, 7, nothing), [7, nothing], undefined],
  ['timeoutError', (reporter, call) => timeoutError(reporter, call, 30), [30], expect.objectContaining({ code: 'HEDGE_TIMEOUT', timeoutMs: 30 })],
] satisfies [keyof HedgeCall<unknown>, (reporter: Reporter, call: HedgeCall<unknown>) => unknown, unknown[], unknown][];

const callWith = (hooks: object): HedgeCall<unknown> => ({ request: { method: 'GET', url: 'http://a.test/' }, start: () => Promise.resolve(), ...hooks });

describe('what an adapter is asked', () => {
  let warned: jest.SpiedFunction<typeof process.emitWarning>;

  beforeEach(() => {
    warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  });

  afterEach(() => warned.mockRestore());

  it.each(HOOKS)('it may leave out: %s', (_, ask, __, otherwise) => {
    expect(ask(new Reporter(), callWith({}))).toEqual(otherwise);
    expect(warned).not.toHaveBeenCalled();
  });

  it.each(HOOKS)('is reported if it throws, and counts as no answer: %s', (name, ask, told, otherwise) => {
    const hook = jest.fn(() => { throw new Error('mine'); });
    expect(ask(new Reporter(), callWith({ [name]: hook }))).toEqual(otherwise);
    expect(hook.mock.calls).toEqual([told]);
    expect(warned.mock.calls.map(([message]) => message)).toEqual([`hedgerow: \`${name}\` of a call threw: mine`]);
  });

  it.each(HOOKS.filter(([name]) => name !== 'discard' && name !== 'whenReleased'))('is reported if it is late and fails: %s', async (name, ask, _, otherwise) => {
    expect(ask(new Reporter(), callWith({ [name]: () => Promise.reject(new Error('late')) }))).toEqual(otherwise);
    await new Promise((resolve) => setImmediate(resolve));
    expect(warned.mock.calls.map(([message]) => message)).toContainEqual(expect.stringContaining(`hedgerow: \`${name}\` of a call rejected: `));
  });

  it.each([
    ['statusOf', [503, '503', null], [503, undefined, undefined]],
    ['headerOf', ['1', 1, null], ['1', undefined, undefined]],
    ['pushbackMsOf', [0, 5, Infinity, -1, NaN, '5', null], [0, 5, Infinity, undefined, undefined, undefined, undefined]],
    ['hasRoom', [true, false, undefined], [true, false, true]],
    ['discard', ['a promise', undefined], ['a promise', undefined]],
    ['timeoutError', ['mine', undefined], ['mine', expect.objectContaining({ timeoutMs: 30 })]],
  ])('counts if it is of the right kind: %s', (name, answers, expected) => {
    const ask = HOOKS.find(([known]) => known === name)?.[1];
    expect(answers.map((answer) => ask?.(new Reporter(), callWith({ [name]: () => answer })))).toEqual(expected);
    expect(warned).not.toHaveBeenCalled();
  });

  it.each([['left out', undefined, 1], ['heard', nothing, 0], ['failing', () => { throw new Error('mine'); }, 1]])('lets go of a signal at once unless it says when: %s', (_, hook, times) => {
    const release = jest.fn();
    whenReleased(new Reporter(), callWith({ whenReleased: hook }), 7, release);
    expect(release).toHaveBeenCalledTimes(times);
  });
});
