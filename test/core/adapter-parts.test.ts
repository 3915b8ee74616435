import { describe, expect, it, jest } from '@jest/globals';
import { hedgeInfo, Hedger, type AttemptContext, type IneligibleReason } from '@hedgerow/core';
import { bytesOfText, CallerAbort, checkHedger, givenOptions, MeasuredBody, sendUnsupported } from '@hedgerow/core/adapter';
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

describe('options beside a Hedger of another client', () => {
  it.each([[{}], [null], ['mine'], [{ run: true }]])('refuses %p for a Hedger', (hedger) => {
    expect(() => checkHedger(hedger)).toThrow(new TypeError(`hedgerow: option \`hedger\` must be a Hedger, got ${typeof hedger}`));
  });

  it('takes a Hedger, one of another copy of the package, and none', () => {
    expect(() => [new Hedger(), { run: () => undefined }, undefined].forEach(checkHedger)).not.toThrow();
  });

  it('are those that are not `undefined`', () => {
    expect(givenOptions({ delay: 5, maxHedges: undefined })).toEqual({ delay: 5 });
    expect(givenOptions({ delay: undefined })).toBeUndefined();
    expect(givenOptions({})).toBeUndefined();
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
