import { describe, expect, it, jest } from '@jest/globals';
import { hedgeInfo, HedgeTimeoutError, isHedge, type AttemptView, type CompleteEvent, type HedgeEvent } from '@hedgerow/core';
import { Stage } from './stage.js';

const boom = (name: string): Error => new Error(name);

describe('the race', () => {
  it('sends one attempt when the primary is fast, and leaves no timer', async () => {
    const stage = new Stage({ delay: 50 });
    const promise = stage.run([{ ms: 10 }]);
    await stage.clock.advance(10);
    expect(await promise).toMatchObject({ from: 0 });
    expect(stage.started).toHaveLength(1);
    expect(stage.clock.pending).toBe(0);
  });

  it('lets a hedge win, aborts the primary and says so', async () => {
    const stage = new Stage({ delay: 50 });
    const promise = stage.run([{ ms: 500 }, { ms: 10 }]);
    await stage.clock.advance(60);
    const answer = await promise;
    expect(answer.from).toBe(1);
    expect(stage.aborted).toEqual([0]);
    expect(isHedge(answer)).toBe(true);
    expect(hedgeInfo(answer)).toMatchObject({
      eligible: true,
      attempts: 2,
      winner: 1,
      isHedge: true,
      delayMs: 50,
      durationMs: 60,
      attemptDurationsMs: [60, 10],
      key: 'GET http://service.test/items/:id',
    });
    expect(stage.clock.pending).toBe(0);
  });

  it('lets a slow primary win and aborts the hedge with an AbortError', async () => {
    const stage = new Stage({ delay: 50 });
    const promise = stage.run([{ ms: 55 }, { ms: 500 }]);
    await stage.clock.advance(55);
    expect(await promise).toMatchObject({ from: 0 });
    expect(stage.aborted).toEqual([1]);
    expect(stage.started[1]?.signal.reason).toMatchObject({ name: 'AbortError' });
    expect(stage.started[0]?.signal.aborted).toBe(false);
  });

  it('keeps waiting for the primary when the hedge fails', async () => {
    const stage = new Stage({ delay: 50 });
    const promise = stage.run([{ ms: 100 }, { ms: 5, error: boom('hedge') }]);
    await stage.clock.advance(100);
    expect(await promise).toMatchObject({ from: 0 });
  });

  it('keeps waiting for the hedge when the primary fails meanwhile', async () => {
    const stage = new Stage({ delay: 50 });
    const promise = stage.run([{ ms: 60, status: 500 }, { ms: 50 }]);
    await stage.clock.advance(100);
    expect(await promise).toMatchObject({ from: 1 });
    expect(stage.discarded).toEqual([expect.objectContaining({ from: 0, status: 500 })]);
  });

  it("returns the primary's own error when all fail, whichever failed last", async () => {
    const stage = new Stage({ delay: 50 });
    const promise = stage.run([{ ms: 60, error: boom('primary') }, { ms: 50, error: boom('hedge') }]);
    await stage.clock.advance(100);
    await expect(promise).rejects.toThrow('primary');
    const error: unknown = await promise.catch((reason: unknown) => reason);
    expect(hedgeInfo(error)).toMatchObject({ attempts: 2, winner: undefined, isHedge: false });
  });

  it("returns the primary's own response when all are unacceptable", async () => {
    const stage = new Stage({ delay: 50 });
    const promise = stage.run([{ ms: 100, status: 503 }, { ms: 5, status: 502 }]);
    await stage.clock.advance(100);
    expect(await promise).toMatchObject({ from: 0, status: 503 });
  });

  it('returns at once a primary that fails before any hedge', async () => {
    const stage = new Stage({ delay: 50 });
    const promise = stage.run([{ ms: 5, error: boom('early') }, { ms: 5 }]);
    await stage.clock.advance(5);
    await expect(promise).rejects.toThrow('early');
    await stage.clock.advance(500);
    expect(stage.started).toHaveLength(1);
  });

  it('hedges a failure at once with hedgeOnFailure', async () => {
    const stage = new Stage({ delay: 50, hedgeOnFailure: true });
    const promise = stage.run([{ ms: 5, error: boom('early') }, { ms: 5 }]);
    await stage.clock.advance(10);
    expect(await promise).toMatchObject({ from: 1 });
  });

  it('never hangs with hedgeOnFailure when no hedge is permitted', async () => {
    const stage = new Stage({ delay: 50, hedgeOnFailure: true, budget: { deposit: () => undefined, tryTake: () => false } });
    const promise = stage.run([{ ms: 5, error: boom('early') }, { ms: 5 }]);
    await stage.clock.advance(5);
    await expect(promise).rejects.toThrow('early');
  });

  it('launches several hedges when each is due and numbers them', async () => {
    const onHedge = jest.fn<(event: HedgeEvent) => void>();
    const stage = new Stage({ delay: [20, 30, 70], onHedge });
    const promise = stage.run([{ ms: 500 }, { ms: 500 }, { ms: 500 }, { ms: 5 }]);
    await stage.clock.advance(75);
    expect(await promise).toMatchObject({ from: 3 });
    expect(stage.aborted.sort()).toEqual([0, 1, 2]);
    expect(onHedge.mock.calls.map(([event]) => [event.number, event.delayMs])).toEqual([[1, 20], [2, 30], [3, 70]]);
  });

  it('spreads one delay over maxHedges and sends copies at once for 0', async () => {
    const spread = new Stage({ delay: 20, maxHedges: 3 });
    void spread.run([]);
    await spread.clock.advance(100);
    expect(spread.started.map(({ delayMs }) => delayMs)).toEqual([0, 20, 40, 60]);
    const atOnce = new Stage({ delay: 0, maxHedges: 2 });
    void atOnce.run([]);
    expect(atOnce.started).toHaveLength(3);
  });

  it('cuts a list of delays to maxHedges and hedges at fractions of an objective', async () => {
    const cut = new Stage({ delay: [10, 20, 30], maxHedges: 1 });
    void cut.run([]);
    await cut.clock.advance(100);
    expect(cut.started).toHaveLength(2);
    const slo = new Stage({ delay: { sloMs: 100, at: [0.25, 0.5] } });
    void slo.run([]);
    await slo.clock.advance(1_000);
    expect(slo.started.map(({ delayMs }) => delayMs)).toEqual([0, 25, 50]);
  });

  it.each([408, 425, 429, 500, 503])('does not let status %d win', async (status) => {
    const stage = new Stage({ delay: 10 });
    const promise = stage.run([{ ms: 30 }, { ms: 5, status }]);
    await stage.clock.advance(30);
    expect(await promise).toMatchObject({ from: 0 });
  });

  it.each([200, 206, 302, 304])('lets status %d win', async (status) => {
    const stage = new Stage({ delay: 10 });
    const promise = stage.run([{ ms: 30 }, { ms: 5, status }]);
    await stage.clock.advance(15);
    expect(await promise).toMatchObject({ from: 1, status });
  });

  it('hands a failed primary out after ten seconds, if its hedges never end', async () => {
    const stage = new Stage({ delay: 10 });
    const call = stage.run([{ ms: 30, status: 503 }, { ms: 1e9 }]);
    let isSettled = false;
    void call.then(() => (isSettled = true));
    await stage.clock.advance(10_020);
    expect(isSettled).toBe(false);
    await stage.clock.advance(20);
    expect(await call).toMatchObject({ from: 0, status: 503 });
    expect(stage.aborted).toEqual([1]);
    expect(stage.clock.pending).toBe(0);
  });

  it('counts those ten seconds from when there is a hedge to wait for', async () => {
    const stage = new Stage({ delay: 10, hedgeOnFailure: true });
    const call = stage.run([{ ms: 5, status: 503 }, { ms: 9_000 }], {}, { pushbackMsOf: (settled) => (settled.ok && settled.value.status === 503 ? 60_000 : undefined) });
    await stage.clock.advance(70_000);
    expect(await call).toMatchObject({ from: 1, status: 200 });
    expect(stage.clock.pending).toBe(0);
  });

  it('never lets a 409 win where copies may conflict', async () => {
    const stage = new Stage({ delay: 10, idempotencyKey: true });
    const request = { method: 'POST', url: 'http://service.test/', header: (name: string) => (name === 'idempotency-key' ? 'k1' : undefined) };
    const promise = stage.run([{ ms: 30 }, { ms: 5, status: 409 }], {}, { request });
    await stage.clock.advance(30);
    expect(await promise).toMatchObject({ from: 0, status: 200 });
  });

  it("asks the user's accept and tells it what it would decide itself", async () => {
    const stage = new Stage({ delay: 10, accept: ({ acceptable, status }) => acceptable && status !== 404 });
    const promise = stage.run([{ ms: 30 }, { ms: 5, status: 404 }]);
    await stage.clock.advance(30);
    expect(await promise).toMatchObject({ from: 0 });
  });

  it('discards what a failed primary brought when the caller gives up while a hedge is out', async () => {
    const stage = new Stage({ delay: 10 });
    const controller = new AbortController();
    const answer = stage.run([{ ms: 20, status: 503 }, { ms: 100 }], undefined, { signal: controller.signal });
    await stage.clock.advance(30);
    expect(stage.discarded).toEqual([]);
    controller.abort();
    await expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    expect(stage.discarded).toEqual([expect.objectContaining({ from: 0, status: 503 })]);
  });

  it('lets losers finish with losers: drain, and discards what they bring', async () => {
    const stage = new Stage({ delay: 10, losers: 'drain' });
    const promise = stage.run([{ ms: 50 }, { ms: 5 }]);
    await stage.clock.advance(15);
    expect(await promise).toMatchObject({ from: 1 });
    expect(stage.aborted).toEqual([]);
    expect(stage.hedger.stats().activeHedges).toBe(0);
    await stage.clock.advance(50);
    expect(stage.discarded).toEqual([expect.objectContaining({ from: 0 })]);
  });

  it.each([['drain', 10_000], [{ drainMs: 500 }, 500]] as const)('aborts losers that have not finished in time: losers: %j', async (losers, drainMs) => {
    const stage = new Stage({ delay: 10, losers });
    const ended: unknown[] = [];
    stage.hedger.observe({ onCall: () => ({ onAttempt: () => undefined, onAttemptEnd: ({ number, outcome }) => void ended.push([number, outcome]) }) });
    const promise = stage.run([{ ms: 1e6 }, { ms: 5 }]);
    await stage.clock.advance(15);
    expect(await promise).toMatchObject({ from: 1 });
    await stage.clock.advance(drainMs - 1);
    expect(stage.aborted).toEqual([]);
    await stage.clock.advance(1);
    expect(stage.aborted).toEqual([0]);
    expect(stage.started[0]?.reason).toMatchObject({ name: 'AbortError', message: 'another attempt won' });
    expect(ended).toEqual([[1, 'won'], [0, 'cancelled']]);
    expect(stage.hedger.state.savings.stats().wastedMs).toBeCloseTo(15 + drainMs);
  });

  it('waits for each of the losers, and for none of them once all have finished', async () => {
    const stage = new Stage({ delay: [10, 20], losers: { drainMs: 500 } });
    const hung = stage.run([{ ms: 1e6 }, { ms: 20 }, { ms: 100 }]);
    await stage.clock.advance(530);
    expect(await hung).toMatchObject({ from: 1 });
    expect(stage.aborted).toEqual([0]);
    void stage.run([{ ms: 150 }, { ms: 20 }, { ms: 100 }]);
    await stage.clock.advance(150);
    expect([stage.clock.pending, stage.aborted]).toEqual([0, [0]]);
  });

  it('does not discard what it gives to the caller, be it a failure', async () => {
    const stage = new Stage({ delay: 10 });
    const only = stage.run([{ ms: 5, status: 503 }]);
    const first = stage.run([{ ms: 20, status: 503 }, { ms: 20, status: 500 }]);
    await stage.clock.advance(50);
    expect([await only, await first]).toMatchObject([{ status: 503 }, { status: 503 }]);
    expect(stage.discarded).toMatchObject([{ from: 1, status: 500 }]);
  });

  it.each([true, false])('aborts an attempt that nobody reads when its time is over, if it is read: %s', async (isRead) => {
    const stage = new Stage({ delay: 10, losers: { drainMs: 500 } });
    const promise = stage.run([{ ms: 20, status: 503 }, { ms: 30 }], {}, { discard: () => (isRead ? new Promise(() => undefined) : undefined) });
    await stage.clock.advance(40);
    expect(await promise).toMatchObject({ from: 1 });
    await stage.clock.advance(499);
    expect(stage.aborted).toEqual([]);
    await stage.clock.advance(10_000);
    expect(stage.aborted).toEqual(isRead ? [0] : []);
  });

  it('discards a loser that answers although it was aborted', async () => {
    const stage = new Stage({ delay: 10 });
    const answers = [100, 5];
    const deaf = stage.hedger.run({
      ...stage.call([]),
      start: async ({ number }) => {
        await stage.clock.sleep(answers[number] ?? 0);
        return { from: number, status: 200 };
      },
    });
    await stage.clock.advance(200);
    expect(await deaf).toMatchObject({ from: 1 });
    expect(stage.discarded).toEqual([expect.objectContaining({ from: 0 })]);
  });

  it('treats a throwing start like a rejection', async () => {
    const stage = new Stage({ delay: 10 });
    const call = { ...stage.call([]), start: () => { throw boom('sync'); } };
    await expect(stage.hedger.run(call)).rejects.toThrow('sync');
  });

  it('tells onComplete number, duration and status, also of failures', async () => {
    const onComplete = jest.fn<(event: CompleteEvent) => void>();
    const stage = new Stage({ delay: 10, onComplete });
    const good = stage.run([{ ms: 50 }, { ms: 5 }]);
    await stage.clock.advance(15);
    await good;
    expect(onComplete.mock.lastCall?.[0]).toMatchObject({ attempts: 2, winner: 1, durationMs: 15, status: 200, error: undefined });
    const bad = stage.run([{ ms: 5, error: boom('x') }]);
    await stage.clock.advance(5);
    await bad.catch(() => undefined);
    expect(onComplete.mock.lastCall?.[0]).toMatchObject({ attempts: 1, winner: undefined, error: boom('x') });
  });

  it('survives callbacks that throw', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const fail = (): never => { throw boom('callback'); };
    const stage = new Stage({ delay: 10, onHedge: fail, onComplete: fail, accept: fail });
    stage.hedger.observe({ onCall: fail });
    const promise = stage.run([{ ms: 50 }, { ms: 5 }]);
    await stage.clock.advance(15);
    expect(await promise).toMatchObject({ from: 1 });
    expect(warned.mock.calls.map(([message]) => message)).toEqual(
      expect.arrayContaining([expect.stringContaining('`onHedge` threw'), expect.stringContaining('`accept` threw')]),
    );
    warned.mockRestore();
  });
});

describe('giving up', () => {
  it("aborts every attempt with the caller's reason and rejects with the client's own error", async () => {
    const stage = new Stage({ delay: 10 });
    const caller = new AbortController();
    const promise = stage.run([{ ms: 50 }, { ms: 50 }], {}, { signal: caller.signal });
    await stage.clock.advance(20);
    caller.abort(boom('caller'));
    await expect(promise).rejects.toThrow('caller');
    expect(stage.aborted.sort()).toEqual([0, 1]);
    expect(stage.hedger.stats()).toMatchObject({ cancelled: 1, failed: 0 });
    await stage.clock.advance(500);
    expect(stage.started).toHaveLength(2);
    expect(stage.clock.pending).toBe(0);
  });

  it('counts a call whose caller ran out of time as failed, not as given up', async () => {
    const stage = new Stage({ delay: 10 });
    const ends: (string | undefined)[] = [];
    stage.hedger.observe({
      onCall: () => ({
        onAttemptEnd: ({ outcome, timedOut }) => void ends.push(`${String(outcome)} ${String(timedOut)}`),
        onEnd: (_info, { kind }) => void ends.push(kind),
      }),
    });
    const caller = new AbortController();
    const promise = stage.run([{ ms: 50 }, { ms: 50 }], {}, { signal: caller.signal });
    await stage.clock.advance(20);
    caller.abort(new DOMException('too late', 'TimeoutError'));
    await expect(promise).rejects.toThrow('too late');
    expect(ends).toEqual(['failed true', 'failed true', 'timeout']);
    expect(stage.hedger.stats()).toMatchObject({ cancelled: 0, failed: 1 });
  });

  it('rejects with the reason when no attempt listens', async () => {
    const stage = new Stage({ delay: 10 });
    const caller = new AbortController();
    const call = { ...stage.call([]), signal: caller.signal, start: () => new Promise<never>(() => undefined) };
    const promise = stage.hedger.run(call);
    promise.catch(() => undefined);
    caller.abort(boom('caller'));
    await stage.clock.advance(0);
    await expect(promise).rejects.toThrow('caller');
  });

  it('starts aborted when the signal already is, and sends no hedge', async () => {
    const stage = new Stage({ delay: 0 });
    const promise = stage.run([{ ms: 50 }], {}, { signal: AbortSignal.abort(boom('before')) });
    await expect(promise).rejects.toThrow('before');
    expect(stage.started).toHaveLength(1);
  });

  it("keeps the caller's signal in force until the winner's body has ended", async () => {
    const stage = new Stage({ delay: 10 });
    const caller = new AbortController();
    let release: () => void = () => undefined;
    const whenReleased = (_answer: unknown, done: () => void): void => { release = done; };
    const first = stage.run([{ ms: 5 }], {}, { signal: caller.signal, whenReleased });
    await stage.clock.advance(5);
    await first;
    release();
    const second = stage.run([{ ms: 5 }], {}, { signal: caller.signal, whenReleased });
    await stage.clock.advance(5);
    await second;
    caller.abort(boom('body'));
    expect(stage.started.map(({ signal }) => signal.aborted)).toEqual([false, true]);
  });

  it('bounds a call by timeoutMs over all attempts', async () => {
    const stage = new Stage({ delay: 10, timeoutMs: 40 });
    const promise = stage.run([{ ms: 100 }, { ms: 100 }]);
    await stage.clock.advance(40);
    await expect(promise).rejects.toBeInstanceOf(HedgeTimeoutError);
    expect(stage.aborted.sort()).toEqual([0, 1]);
    expect(stage.hedger.stats().failed).toBe(1);
  });

  it("prefers the primary's own outcome, or the client's own error, when time is up", async () => {
    const stage = new Stage({ delay: 10, timeoutMs: 40 });
    const held = stage.run([{ ms: 20, status: 503 }, { ms: 100 }]);
    const own = stage.run([{ ms: 100 }], {}, { timeoutError: (ms) => boom(`own ${ms}`) });
    await stage.clock.advance(40);
    expect(await held).toMatchObject({ status: 503 });
    await expect(own).rejects.toThrow('own 40');
  });

  it('stops hedging when disposed', async () => {
    const stage = new Stage({ delay: 10 });
    {
      using hedger = stage.hedger;
      expect(hedger.stats().calls).toBe(0);
    }
    const promise = stage.run([{ ms: 20 }]);
    await stage.clock.advance(20);
    expect(hedgeInfo(await promise)).toMatchObject({ eligible: false, ineligibleReason: 'disposed', attempts: 1 });
  });

  it('stops the hedges of calls that are under way when disposed', async () => {
    const stage = new Stage({ delay: 10 });
    const promise = stage.run([{ ms: 20 }]);
    stage.hedger.dispose();
    await stage.clock.advance(20);
    await promise;
    expect(stage.started).toHaveLength(1);
  });
});

describe('observers', () => {
  it('see every attempt begin and end, and may wrap its start', async () => {
    const stage = new Stage({ delay: 10 });
    const seen: string[] = [];
    const say = (event: string) => (attempt: AttemptView) => void seen.push(`${event} ${attempt.number} ${attempt.outcome ?? ''}`);
    const detach = stage.hedger.observe({
      onCall: ({ key }) => {
        seen.push(key);
        return {
          onAttempt: (attempt) => {
            say('start')(attempt);
            return { headers: { traceparent: `t${attempt.number}` }, run: (start) => { seen.push('wrapped'); return start(); } };
          },
          onAttemptEnd: say('end'),
          onEnd: (info, end) => void seen.push(`${end.kind} ${String(info.winner)}`),
        };
      },
    });
    const promise = stage.run([{ ms: 50 }, { ms: 5 }]);
    await stage.clock.advance(15);
    await promise;
    expect(seen).toEqual([
      'GET http://service.test/items/:id',
      'start 0 ', 'wrapped', 'start 1 ', 'wrapped',
      'end 1 won', 'end 0 cancelled', 'won 1',
    ]);
    expect(stage.started.map(({ headers }) => headers)).toEqual([{ traceparent: 't0' }, { traceparent: 't1' }]);
    detach();
    void stage.run([{ ms: 5 }]);
    await stage.clock.advance(5);
    expect(seen).toHaveLength(8);
  });
});
