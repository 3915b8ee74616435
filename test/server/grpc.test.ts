import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import { deadlineOf, hedgeOf, shedHedges, signalOf } from '@hedgerow/server';
import { turns, until, within } from '../support/wait.js';
import { startGrpc, type GrpcHost } from './grpc-host.js';

const GOOD = 'attempt=1;id=c0123456789abcdef;delay=23;left=900';
const ORIGINAL = 'attempt=0;id=c0123456789abcdef;left=923';

let host: GrpcHost | undefined;
afterEach(() => {
  host?.close();
  host = undefined;
});

const aborted = (signal: AbortSignal): Promise<void> =>
  within(2_000, 'the signal to abort', new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve()))));

describe.each(['Unary', 'Stream'] as const)('of grpc-js: %s', (kind) => {
  describe.each(['alone', 'behind the interceptor'])('%s', (place) => {
    const guard = (): ReturnType<typeof shedHedges> | undefined => (place === 'alone' ? undefined : shedHedges());

    it('a mark is read, and a deadline', async () => {
      const seen: unknown[] = [];
      host = await startGrpc((call) => {
        seen.push(hedgeOf(call)?.attempt, deadlineOf(call));
        return Promise.resolve('ok');
      }, guard());
      expect((await host.ask(kind, { hedge: GOOD }).ended).text).toMatch(/^ok/);
      await host.ask(kind, {}, Date.now() + 5_000).ended;
      await host.ask(kind).ended;
      expect(seen).toEqual([1, expect.closeTo(Date.now() + 900, -4), undefined, expect.closeTo(Date.now() + 5_000, -4), undefined, undefined]);
    });

    it('a signal aborts when the call is cancelled, and when its deadline has passed', async () => {
      const signals: AbortSignal[] = [];
      host = await startGrpc(async (call) => {
        const signal = signalOf(call);
        signals.push(signal);
        expect(signalOf(call)).toBe(signal);
        await aborted(signal);
        return 'late';
      }, guard());
      const asked = host.ask(kind);
      await until('the call is there', () => signals.length === 1);
      asked.giveUp();
      expect((await asked.ended).error?.code).toBe(status.CANCELLED);
      expect((await host.ask(kind, {}, Date.now() + 100).ended).error?.code).toBe(status.DEADLINE_EXCEEDED);
      await until('both are aborted', () => signals.length === 2 && signals.every((signal) => signal.aborted));
    });

    it('a signal never aborts once the call is answered', async () => {
      const signals: AbortSignal[] = [];
      const cancelled: boolean[] = [];
      host = await startGrpc((call) => {
        signals.push(signalOf(call));
        (call as NodeJS.EventEmitter).on('cancelled', () => cancelled.push(true));
        return Promise.resolve('ok');
      }, guard());
      await host.ask(kind).ended;
      await until('grpc-js calls it cancelled all the same', () => cancelled.length === 1);
      await turns(20);
      expect(signals.map((signal) => signal.aborted)).toEqual([false]);
    });
  });

  it('a hedge is shed while the server is busy, and originals are not', async () => {
    const guard = shedHedges({ isBusy: () => true, pushbackMs: 70 });
    let calls = 0;
    host = await startGrpc(() => Promise.resolve(`${++calls}`), guard);
    const { error } = await host.ask(kind, { hedge: GOOD }).ended;
    expect([error?.code, error?.metadata.get('hedge-shed'), calls]).toEqual([status.UNAVAILABLE, ['busy;wait=70'], 0]);
    expect((await host.ask(kind, { hedge: ORIGINAL }).ended).text).toMatch(/^1/);
    expect((await host.ask(kind).ended).text).toMatch(/^2/);
    await until('all have left', () => guard.stats().inFlight === 0);
    expect(guard.stats()).toMatchObject({ requests: 3, originals: 1, hedges: 1, shed: { busy: 1 }, abandoned: 0 });
  });

  it('a hedge that meets its original is shed, and the original is not harmed', async () => {
    const guard = shedHedges();
    const waiting: (() => void)[] = [];
    host = await startGrpc(() => new Promise((resolve) => waiting.push(() => resolve('ok'))), guard);
    const original = host.ask(kind, { hedge: ORIGINAL });
    await until('it is there', () => waiting.length === 1);
    const { error } = await host.ask(kind, { hedge: GOOD }).ended;
    expect([error?.code, error?.metadata.get('hedge-shed'), waiting.length]).toEqual([status.UNAVAILABLE, ['collision'], 1]);
    waiting[0]?.();
    expect((await original.ended).text).toMatch(/^ok/);
    // Its call is over: there is nothing to meet any more.
    await until('it has left', () => guard.stats().inFlight === 0);
    const late = host.ask(kind, { hedge: GOOD });
    await until('it is let in', () => waiting.length === 2);
    late.giveUp();
    await until('it has left', () => guard.stats().abandoned === 1);
    expect(guard.stats()).toMatchObject({ inFlight: 0, shed: { collision: 1 } });
  });
});
