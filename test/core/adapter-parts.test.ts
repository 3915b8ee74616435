import { describe, expect, it, jest } from '@jest/globals';
import { hedgeInfo, Hedger, type AttemptContext, type IneligibleReason } from '@hedgerow/core';
import { bytesOfText, CallerAbort, hedgerFor, MeasuredBody, sendUnsupported } from '@hedgerow/core/adapter';
import { Stage } from './stage.js';

describe('a caller who gives up without a signal', () => {
  it('is heard once, with his first reason', () => {
    const caller = new CallerAbort();
    const handleEvent = jest.fn();
    caller.addEventListener('abort', { handleEvent });
    expect([caller.aborted, caller.reason]).toEqual([false, undefined]);
    caller.abort('first');
    caller.abort('second');
    expect(handleEvent).toHaveBeenCalledTimes(1);
    expect([caller.aborted, caller.reason]).toEqual([true, 'first']);
  });

  it('is not heard by who has stopped listening', () => {
    const caller = new CallerAbort();
    const handleEvent = jest.fn();
    caller.addEventListener('abort', { handleEvent });
    caller.removeEventListener();
    caller.abort('late');
    expect(handleEvent).not.toHaveBeenCalled();
    expect(caller.aborted).toBe(true);
  });

  it('ends a call with his reason', async () => {
    const { hedger } = new Stage();
    const signal = new CallerAbort();
    const start = jest.fn((attempt: AttemptContext) => new Promise<never>((_, reject) => attempt.onAbort(reject)));
    const call = hedger.run({ request: { method: 'GET', url: 'http://service.test/' }, start, signal });
    signal.abort('enough');
    await expect(call).rejects.toBe('enough');
    expect(start).toHaveBeenCalledTimes(1);
  });
});

describe('a measured body', () => {
  it('is measured only when somebody asks', () => {
    const measure = jest.fn(() => bytesOfText('é€'));
    const body = new MeasuredBody(measure);
    expect(body.replayable).toBe(true);
    expect(measure).not.toHaveBeenCalled();
    expect(body.bytes).toBe(5);
  });
});

describe('the Hedger of an adapter', () => {
  it.each([[{}], [null], ['mine'], [{ run: true }]])('is not %p', (hedger) => {
    expect(() => hedgerFor(hedger as never, {})).toThrow(new TypeError(`hedgerow: option \`hedger\` must be a Hedger, got ${typeof hedger}`));
  });

  it('is the one that is shared, of whatever copy of the package, or one of its own', () => {
    const shared = new Hedger();
    const another = { run: () => undefined, resolve: () => 'options of another copy' };
    expect(hedgerFor(shared, {}).hedger).toBe(shared);
    expect(hedgerFor(another as never, {})).toEqual({ hedger: another, defaults: 'options of another copy' });
    expect(hedgerFor(undefined, {}).hedger).toBeInstanceOf(Hedger);
  });

  it('takes what stands beside it for options of calls; what is `undefined` is not given', () => {
    const shared = new Hedger({ maxHedges: 3 });
    expect(hedgerFor(shared, { delay: 5, maxHedges: undefined, budget: undefined }).defaults).toMatchObject({ delay: { kind: 'fixed' }, maxHedges: 3 });
    expect(hedgerFor(undefined, { delay: 5, maxHedges: 2 }).defaults).toMatchObject({ delay: { kind: 'fixed', delaysMs: [5, 10] }, maxHedges: 2 });
    expect(() => hedgerFor(shared, { budget: false })).toThrow('option `budget` belongs to a Hedger');
  });
});

describe('a call that an adapter cannot hedge', () => {
  it('goes the way of its client, is counted, and says why', async () => {
    const stage = new Stage();
    const reasons: IneligibleReason[] = [];
    stage.hedger.observe({ onBypass: (_, reason) => void reasons.push(reason) });
    const start = jest.fn(() => Promise.reject(new Error('not this way')));
    const call = sendUnsupported(stage.hedger, { ...stage.call([]), start, bypass: () => Promise.resolve({ from: 9, status: 200 }) });
    expect(hedgeInfo(await call)).toMatchObject({ eligible: false, ineligibleReason: 'unsupported', attempts: 1 });
    expect(start).not.toHaveBeenCalled();
    expect(reasons).toEqual(['unsupported']);
    expect(stage.hedger.stats().calls).toBe(1);
  });

  it('fails as its client does', async () => {
    const error = new Error('refused');
    const call = sendUnsupported(new Stage().hedger, {
      request: { method: 'GET', url: 'data:,' },
      start: () => Promise.resolve({}),
      bypass: () => {
        throw error;
      },
    });
    await expect(call).rejects.toBe(error);
    expect(hedgeInfo(error)).toMatchObject({ ineligibleReason: 'unsupported' });
  });
});
