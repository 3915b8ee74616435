import { describe, expect, it, jest } from '@jest/globals';
import { hedgeInfo, type AttemptContext, type AttemptView, type CallEnd, type HedgeCall, type HedgeInfo, type HedgeOptions, type HedgerOptions } from '@hedgerow/core';
import { Instant } from './instant.js';
import { Stage, type Answer } from './stage.js';

interface Ended {
  readonly outcomes: (string | undefined)[];
  readonly durationsMs: (number | undefined)[];
  readonly errors: unknown[];
  readonly ends: CallEnd['kind'][];
  readonly infos: HedgeInfo[];
}

/** A stage, and what its observer saw end. */
function watched(options: HedgerOptions): { stage: Stage; seen: Ended } {
  const stage = new Stage(options);
  const seen: Ended = { outcomes: [], durationsMs: [], errors: [], ends: [], infos: [] };
  stage.hedger.observe({
    onCall: () => ({
      onAttemptEnd: ({ number, outcome, durationMs, error }: AttemptView) => {
        seen.outcomes[number] = outcome;
        seen.durationsMs[number] = durationMs;
        seen.errors[number] = error;
      },
      onEnd: (info, { kind }) => {
        seen.ends.push(kind);
        seen.infos.push(info);
      },
    }),
  });
  return { stage, seen };
}

const error = new Error('no');

describe('the ends of attempts', () => {
  it('are failed with their error, or won', async () => {
    const { stage, seen } = watched({ delay: 10 });
    void stage.run([{ ms: 20, error }, { ms: 30 }]);
    await stage.clock.advance(100);
    expect(seen).toMatchObject({ outcomes: ['failed', 'won'], durationsMs: [20, 30], errors: [error, undefined], ends: ['won'] });
    expect(seen.infos[0]?.attemptDurationsMs).toEqual([20, 30]);
  });

  it('of drained losers come when they come', async () => {
    const { stage, seen } = watched({ delay: 10, losers: 'drain' });
    const call = stage.run([{ ms: 100 }, { ms: 30 }]);
    await stage.clock.advance(50);
    expect(hedgeInfo(await call)?.attemptDurationsMs).toEqual([40, 30]);
    expect(seen.outcomes).toEqual([undefined, 'won']);
    expect(stage.aborted).toEqual([]);
    await stage.clock.advance(100);
    expect(seen).toMatchObject({ outcomes: ['discarded', 'won'], durationsMs: [100, 30] });
    expect(stage.discarded).toMatchObject([{ from: 0 }]);
  });

  it('of a drained hedge are no latency of a primary; of a drained primary they are', async () => {
    const samples = (stage: Stage): (number | undefined)[] => stage.hedger.routes().map((route) => route.samples);
    const { stage } = watched({ delay: 10, losers: 'drain' });
    void stage.run([{ ms: 20 }, { ms: 30 }]);
    await stage.clock.advance(100);
    expect(samples(stage)).toEqual([1]);
    void stage.run([{ ms: 50 }, { ms: 5 }]);
    await stage.clock.advance(20);
    expect(samples(stage)).toEqual([1]);
    await stage.clock.advance(50);
    expect(samples(stage)).toEqual([2]);
  });

  it('are failures where time ran out, cancelled where the caller gave up', async () => {
    const late = watched({ delay: 10, timeoutMs: 50 });
    void late.stage.run([{ ms: 20, status: 500 }, { ms: 500 }]);
    void late.stage.run([{ ms: 500 }, { ms: 500 }]);
    await late.stage.clock.advance(100);
    expect(late.seen.outcomes).toEqual(['failed', 'failed']);
    expect(late.seen.ends).toEqual(['failed', 'timeout']);

    const { stage, seen } = watched({ delay: 10, timeoutMs: 50 });
    const controller = new AbortController();
    void stage.run([{ ms: 15, status: 500 }, { ms: 500 }], {}, { signal: controller.signal });
    await stage.clock.advance(20);
    controller.abort('enough');
    await stage.clock.advance(100);
    expect(seen).toMatchObject({ outcomes: ['failed', 'cancelled'], ends: ['cancelled'] });
    expect(stage.started[1]?.reason).toBe('enough');
    expect(stage.aborted).toEqual([1]);
    expect(stage.clock.pending).toBe(0);
  });

  it('of a call that all failed leave losers none', async () => {
    const { stage, seen } = watched({ delay: 10 });
    const controller = new AbortController();
    const removed = jest.spyOn(controller.signal, 'removeEventListener');
    const whenReleased = jest.fn<(value: unknown, release: () => void) => void>();
    const call = stage.run([{ ms: 30, status: 500 }, { ms: 5, status: 502 }], {}, { signal: controller.signal, whenReleased });
    await stage.clock.advance(100);
    expect(await call).toMatchObject({ status: 500 });
    expect(seen).toMatchObject({ outcomes: ['failed', 'failed'], durationsMs: [30, 5], ends: ['failed'] });
    // Nothing has won, but its body is the caller's to read, and obeys him until he has.
    expect(whenReleased.mock.calls.map(([value]) => value)).toEqual([await call]);
    expect(removed).not.toHaveBeenCalled();
    whenReleased.mock.calls[0]?.[1]();
    expect(removed).toHaveBeenCalledTimes(1);
  });

  it('need no status, and follow a signal that needs no release', async () => {
    const stage = new Stage({ delay: 10 });
    const ended = jest.fn();
    const controller = new AbortController();
    const removed = jest.spyOn(controller.signal, 'removeEventListener');
    const call = stage.call([{ ms: 5 }], { signal: controller.signal, statusOf: undefined });
    const promise = stage.hedger.run(call, { onComplete: ended });
    await stage.clock.advance(20);
    await promise;
    expect(ended).toHaveBeenCalledWith(expect.objectContaining({ status: undefined, winner: 0 }));
    expect(removed).toHaveBeenCalledTimes(1);
  });

  it('that are errors hold no body: the signal is let go of at once', async () => {
    const stage = new Stage({ delay: 10 });
    const controller = new AbortController();
    const removed = jest.spyOn(controller.signal, 'removeEventListener');
    const whenReleased = jest.fn();
    void stage.run([{ ms: 5, error }], {}, { signal: controller.signal, whenReleased });
    await stage.clock.advance(5);
    expect([removed.mock.calls.length, whenReleased.mock.calls.length]).toEqual([1, 0]);
  });

  it('leave no timer behind, whatever was to limit the call', async () => {
    const stage = new Stage({ delay: 10, timeoutMs: 1_000 });
    void stage.run([{ ms: 5 }]);
    void stage.run([{ ms: 20, status: 503 }, { ms: 50 }]);
    await stage.clock.advance(100);
    expect(stage.clock.pending).toBe(0);
  });

  it('count for the goal that the call sought, and for no other', async () => {
    const stage = new Stage({ delay: { minimize: 0.5 }, latency: { warmup: { requests: 5, delayMs: 1_000 } } });
    const achievedMs = (): number | undefined => stage.hedger.routes()[0]?.goal?.achievedMs;
    const play = async (ms: number, options: HedgeOptions): Promise<void> => {
      for (let call = 0; call < 150; call++) {
        void stage.run([{ ms }], options);
        await stage.clock.advance(ms);
      }
    };
    await play(10, {});
    expect(achievedMs()).toBeCloseTo(10, 0);
    await play(100, { delay: 1_000 });
    expect(achievedMs()).toBeCloseTo(10, 0);
  });

  it('that come after the deadline’s poll are too late to be lost', async () => {
    const { stage, seen } = watched({ delay: 500, timeoutMs: 50 });
    const call = stage.run([{ ms: 50 }]);
    await stage.clock.advance(100);
    expect(await call).toMatchObject({ from: 0 });
    expect(seen.ends).toEqual(['won']);
  });
});

describe('a server that asks to wait', () => {
  /** The times at which hedges were launched, where the primary fails with a wish after 20 ms. */
  async function launched(waitMs: number, options: HedgerOptions, untilMs = 1_000): Promise<number[]> {
    const stage = new Stage({ hedgeOnFailure: true, ...options });
    void stage.run([{ ms: 20, status: 503 }], {}, { pushbackMsOf: (settled) => (settled.ok && settled.value.from === 0 ? waitMs : undefined) });
    await stage.clock.advance(untilMs);
    return stage.started.slice(1).map(({ delayMs }) => delayMs);
  }

  it('puts the next hedge off, and those after it by as much', async () => {
    expect(await launched(100, { delay: [50, 80] })).toEqual([expect.closeTo(120.5, 1), expect.closeTo(150.5, 1)]);
  });

  it('for less than is left of the delay changes nothing', async () => {
    expect(await launched(10, { delay: [50, 80] })).toEqual([50, 80]);
  });

  it('for no time at all gets its copy at once', async () => {
    expect(await launched(0, { delay: [50, 80] })).toEqual([20, 80]);
  });

  it('for ever gets no further copy of this call', async () => {
    expect(await launched(Infinity, { delay: [50, 80] })).toEqual([]);
  });

  it('ends a call whose last hedge is refused when it comes', async () => {
    const stage = new Stage({ hedgeOnFailure: true, delay: 50, budget: { deposit: () => undefined, tryTake: () => false } });
    const call = stage.run([{ ms: 20, status: 503 }], {}, { pushbackMsOf: () => 100 });
    await stage.clock.advance(60);
    const pending = Symbol('pending');
    expect(await Promise.race([call, Promise.resolve(pending)])).toBe(pending);
    await stage.clock.advance(100);
    expect(await call).toMatchObject({ status: 503 });
  });

  it('for ever, or once too often, leaves nothing to wait for', async () => {
    for (const waitMs of [Infinity, undefined]) {
      const stage = new Stage({ delay: waitMs === undefined ? 10 : [10, 30] });
      const answers: ((answer: Answer) => void)[] = [];
      void stage.run([], {}, { start: () => new Promise((resolve) => answers.push(resolve)), pushbackMsOf: () => waitMs });
      await stage.clock.advance(20);
      answers[1]?.({ from: 1, status: 503 });
      await stage.clock.advance(500);
      expect([answers.length, stage.clock.pending]).toEqual([2, 0]);
    }
  });

  it('may do so while the primary is still out', async () => {
    const stage = new Stage({ delay: [10, 30], budget: false });
    void stage.run([{ ms: 500 }, { ms: 5, status: 503 }], {}, { pushbackMsOf: (settled) => (settled.ok && settled.value.status === 503 ? 100 : undefined) });
    await stage.clock.advance(400);
    expect(stage.started.map(({ delayMs }) => delayMs)).toEqual([0, 10, expect.closeTo(115.5, 1)]);
  });
});

describe('latencies', () => {
  it('of primaries that a hedge beat are known to be cut short, those of drained ones are not', async () => {
    for (const [losers, expected] of [['abort', [0, 1]], ['drain', [1, 0]]] as const) {
      const stage = new Stage({ delay: 10, losers });
      void stage.run([{ ms: 50 }, { ms: 5 }]);
      await stage.clock.advance(100);
      const [route] = stage.hedger.snapshot().routes;
      expect([route?.events.length, route?.censored.length].map((length) => (length ?? 0) / 2)).toEqual(expected);
    }
  });

  it('are those of primaries alone', async () => {
    const stage = new Stage({ delay: 10 });
    void stage.run([{ ms: 20 }, { ms: 50 }]);
    await stage.clock.advance(100);
    expect(stage.aborted).toEqual([1]);
    const [route] = stage.hedger.snapshot().routes;
    expect([route?.events.length, route?.censored.length]).toEqual([2, 0]);
  });

  it('belong to the end of an attempt, as does a wish to be left alone', async () => {
    const stage = new Stage({ delay: 1e6 });
    void stage.run([{ ms: 30_000 }]);
    void stage.run([{ ms: 30_000, status: 503, headers: { 'retry-after': '20' } }]);
    await stage.clock.advance(40_000);
    const held = stage.run([{ ms: 100 }, { ms: 1 }], { delay: 10 });
    await stage.clock.advance(35_000);
    expect(hedgeInfo(await held)).toMatchObject({ attempts: 1, suppressionReason: 'pushback' });
    expect(stage.hedger.routes()).toMatchObject([{ samples: 2 }]);
  });
});

describe('a second hedge', () => {
  it('that is refused ends no call whose first is still out', async () => {
    let tokens = 1;
    const stage = new Stage({ delay: [10, 50], budget: { deposit: () => undefined, tryTake: () => tokens-- > 0 } });
    const call = stage.run([{ ms: 20, status: 500 }, { ms: 100 }]);
    await stage.clock.advance(200);
    expect(await call).toMatchObject({ from: 1 });
  });
});

describe('an attempt that answers at its very start', () => {
  /** When attempts were started, of which some have their outcome at once; all others have none. */
  async function started(options: HedgerOptions, instants: Readonly<Record<number, number>>, extra: Partial<HedgeCall<Answer>> = {}): Promise<{ delaysMs: number[]; pending: number }> {
    const stage = new Stage(options);
    const delaysMs: number[] = [];
    const start = ({ number, delayMs }: AttemptContext): PromiseLike<Answer> => {
      delaysMs.push(delayMs);
      const outcome = new Instant<Answer>();
      const status = instants[number];
      if (status !== undefined) outcome.resolve({ from: number, status });
      return outcome;
    };
    void stage.run([], {}, { start, ...extra });
    await stage.clock.advance(500);
    return { delaysMs, pending: stage.clock.pending };
  }

  it('ends the call, and what was planned for later', async () => {
    expect(await started({ delay: [10, 20] }, { 1: 200 })).toEqual({ delaysMs: [0, 10], pending: 0 });
  });

  it('lets the next take its place, and the rest come in its time', async () => {
    const pushbackMsOf: HedgeCall<Answer>['pushbackMsOf'] = (settled) => (settled.ok && settled.value.from === 0 ? 100 : undefined);
    const late = expect.closeTo(100.5, 1);
    expect(await started({ delay: [50, 80, 110], hedgeOnFailure: true }, { 0: 503, 1: 503 }, { pushbackMsOf })).toEqual({ delaysMs: [0, late, late, expect.closeTo(160.5, 1)], pending: 1 }); // the one that bounds how long a failure is kept
  });

  it('leaves nothing to keep, be it that it took the place of a failure', async () => {
    const keep = jest.fn();
    await started({ delay: [10, 20], hedgeOnFailure: true }, { 0: 503, 1: 200 }, { keep });
    expect(keep).not.toHaveBeenCalled();
  });
});

describe('what is kept', () => {
  it('is what the primary brought, never what a hedge did', async () => {
    const stage = new Stage({ delay: 10 });
    const keep = jest.fn();
    void stage.run([{ ms: 50, status: 503 }, { ms: 5, status: 503 }], {}, { keep });
    await stage.clock.advance(30);
    expect(keep).not.toHaveBeenCalled();
  });
});

describe('a client without room for a copy', () => {
  it('gets none, and the reason is counted', async () => {
    const stage = new Stage({ delay: 10 });
    const call = stage.run([{ ms: 50 }], {}, { hasRoom: () => false });
    await stage.clock.advance(50);
    expect(hedgeInfo(await call)).toMatchObject({ attempts: 1, suppressionReason: 'connections' });
    expect(stage.hedger.stats().suppressions.connections).toBe(1);
  });
});

describe('a call whose signal has aborted before', () => {
  it('starts an attempt that knows it: nothing has to be sent', () => {
    const stage = new Stage({ delay: 10 });
    const seen: unknown[] = [];
    void stage.run([], {}, { signal: AbortSignal.abort('before'), start: ({ aborted, reason }) => (seen.push(aborted, reason), Promise.reject(error)) });
    expect(seen).toEqual([true, 'before']);
  });
});

describe('observers without a scope', () => {
  it('are asked nothing more', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { stage } = watched({ delay: 10 });
    void stage.run([{ ms: 5 }]);
    await stage.clock.advance(5);
    expect(warned).not.toHaveBeenCalled();
    warned.mockRestore();
  });
});

describe('a deadline', () => {
  it('that has passed gives way to a caller who gives up before it is heeded', async () => {
    const stage = new Stage({ delay: 1_000, timeoutMs: 50 });
    const controller = new AbortController();
    const { afterPoll } = stage.clock;
    const call = stage.run([], {}, { signal: controller.signal, start: () => new Promise(() => undefined) });
    Object.assign(stage.clock, {
      afterPoll: (callback: () => void): void => {
        afterPoll(callback);
        controller.abort(error);
      },
    });
    await stage.clock.advance(100);
    await expect(call).rejects.toBe(error);
    expect(stage.hedger.stats()).toMatchObject({ cancelled: 1, failed: 0 });
  });

  it('aborts every attempt, also where losers may finish', async () => {
    const stage = new Stage({ delay: 10, timeoutMs: 50, losers: 'drain' });
    const call = stage.run([]);
    await stage.clock.advance(100);
    await expect(call).rejects.toThrow('50 ms');
    expect(stage.aborted).toEqual([0, 1]);
  });
});

describe('hedgeOnFailure', () => {
  it('launches what was planned for later at once, and the rest in its time', async () => {
    const stage = new Stage({ delay: [100, 200], hedgeOnFailure: true });
    void stage.run([{ ms: 20, error }]);
    await stage.clock.advance(500);
    expect(stage.started.map(({ delayMs }) => delayMs)).toEqual([0, 20, 200]);
  });

  it('sends no more than maxHedges', async () => {
    const stage = new Stage({ delay: [100, 200], hedgeOnFailure: true });
    const call = stage.run([{ ms: 20, error }, { ms: 20, error }, { ms: 20, error }]);
    await stage.clock.advance(500);
    await expect(call).rejects.toBe(error);
    expect(stage.started.map(({ delayMs }) => delayMs)).toEqual([0, 20, 40]);
  });
});
