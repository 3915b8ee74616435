import { afterAll, describe, expect, it } from '@jest/globals';
import { Hedger, type AttemptContext, type AttemptOutcome } from '@hedgerow/core';
import fc from 'fast-check';
import { FakeClock } from './fake-clock.js';
import { Instant } from './instant.js';

/** How many schedules are tried; more of them in a long run. */
const SCHEDULES = Number(process.env.SCHEDULES ?? 10_000);

const ends = ['ok', 'ok', 'ok', 500, 429, 'reject'] as const;

/** What one attempt does, after how long, and whether it hears an abort. */
const attempt = fc.record({ ms: fc.integer({ min: 0, max: 60 }), end: fc.constantFrom(...ends), isDeaf: fc.boolean() });

const call = fc.record({
  atMs: fc.integer({ min: 0, max: 40 }),
  attempts: fc.array(attempt, { minLength: 4, maxLength: 4 }),
  delay: fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 3 }).map((delays) => delays.sort((a, b) => a - b)),
  hedgeOnFailure: fc.boolean(),
  losers: fc.constantFrom('abort' as const, 'drain' as const),
  timeoutMs: fc.option(fc.integer({ min: 1, max: 60 }), { nil: undefined }),
  abortAtMs: fc.option(fc.integer({ min: 0, max: 80 }), { nil: undefined, freq: 3 }),
});

const schedule = fc.record({
  calls: fc.array(call, { minLength: 1, maxLength: 4 }),
  blocks: fc.array(fc.record({ atMs: fc.integer({ min: 0, max: 80 }), ms: fc.integer({ min: 1, max: 50 }) }), { maxLength: 2 }),
  burst: fc.integer({ min: 1, max: 5 }),
});

interface Answer {
  readonly from: number;
  readonly status: number;
}

/** What was seen of one call. */
interface Seen {
  started: number;
  startedAfterEnd: number;
  ended: number;
  winner: number | undefined;
  readonly outcomes: AttemptOutcome[];
  settled: number;
  /** Number of the attempt whose answer came back. */
  answeredBy: number | undefined;
}

const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);
process.on('unhandledRejection', onUnhandled);
afterAll(() => void process.off('unhandledRejection', onUnhandled));

/** Plays a schedule to its end. */
function play({ calls, blocks, burst }: ReturnType<typeof schedule.generate>['value']) {
  const clock = new FakeClock();
  const hedger = new Hedger({ clock, budget: { ratio: 0.1, burst }, efficacy: false });
  const seen = calls.map((): Seen => ({ started: 0, startedAfterEnd: 0, ended: 0, winner: undefined, outcomes: [], settled: 0, answeredBy: undefined }));
  hedger.observe({
    onCall: ({ request }) => {
      const own = seen[Number(request.header?.('index'))];
      return {
        onAttemptEnd: ({ outcome }) => {
          if (outcome !== undefined) own?.outcomes.push(outcome);
        },
        onEnd: ({ winner }) => {
          if (own === undefined) return;
          own.ended++;
          own.winner = winner;
        },
      };
    },
  });
  calls.forEach(({ atMs, attempts, abortAtMs, ...options }, index) => {
    const own = seen[index];
    if (own === undefined) return;
    clock.setTimeout(() => {
      const caller = new AbortController();
      if (abortAtMs !== undefined) clock.setTimeout(() => caller.abort(), abortAtMs);
      const start = (context: AttemptContext): PromiseLike<Answer> => {
        own.started++;
        if (own.ended > 0) own.startedAfterEnd++;
        return perform(clock, context, attempts[context.number] ?? { ms: 1, end: 'ok', isDeaf: false });
      };
      const request = { method: 'GET', url: 'http://service.test/', header: () => String(index) };
      const statusOf = (settled: { readonly ok: boolean; readonly value?: Answer }): number | undefined => settled.value?.status;
      const done = (answer?: Answer): void => {
        own.settled++;
        own.answeredBy = answer?.from;
      };
      hedger.run({ request, start, statusOf, signal: caller.signal }, options).then(done, () => done());
    }, atMs);
  });
  for (const { atMs, ms } of blocks) clock.setTimeout(() => clock.block(ms), atMs);
  clock.jump(1_000);
  return { clock, hedger, seen };
}

function perform(clock: FakeClock, context: AttemptContext, { ms, end, isDeaf }: ReturnType<typeof attempt.generate>['value']): PromiseLike<Answer> {
  const outcome = new Instant<Answer>();
  const timer = clock.setTimeout(() => {
    if (end === 'reject') outcome.reject(new Error('rejected'));
    else outcome.resolve({ from: context.number, status: end === 'ok' ? 200 : end });
  }, ms);
  context.onAbort((reason) => {
    if (isDeaf) return;
    clock.clearTimeout(timer);
    outcome.reject(reason);
  });
  return outcome;
}

/** `expect` would take most of the time. */
function check(what: string, figure: number, isRight: boolean): void {
  if (!isRight) throw new Error(`${what}: ${figure}`);
}

describe('the race, whatever happens when', () => {
  it('settles every call once, with one winner at most, and starts nothing afterwards', async () => {
    const played: Seen[] = [];
    fc.assert(
      fc.property(schedule, (plan) => {
        const { clock, hedger, seen } = play(plan);
        const stats = hedger.stats();
        const { pending } = clock;
        for (const [index, own] of seen.entries()) {
          const most = 1 + (plan.calls[index]?.delay.length ?? 0);
          const winners = own.outcomes.filter((outcome) => outcome === 'won').length;
          check('ends', own.ended, own.ended === 1);
          check('attempts after the end', own.startedAfterEnd, own.startedAfterEnd === 0);
          check('attempts, all ended', own.started, own.started === own.outcomes.length && own.started <= most);
          check('winners', winners, winners === (own.winner === undefined ? 0 : 1));
        }
        check('hedges under way', stats.activeHedges, stats.activeHedges === 0);
        check('hedges', stats.attempts.hedge, stats.attempts.hedge <= plan.burst + 0.1 * plan.calls.length);
        const accounted = stats.wins.primary + stats.wins.hedge + stats.failed + stats.cancelled;
        check('calls accounted for', accounted, accounted === plan.calls.length);
        check('timers left', pending, pending === 0);
        played.push(...seen);
      }),
      { numRuns: SCHEDULES },
    );
    // Promises tell what they know only now: nothing above waited for one.
    await new Promise(setImmediate);
    for (const { settled, winner, answeredBy } of played) {
      if (settled !== 1 || (winner !== undefined && winner !== answeredBy)) expect({ settled, winner }).toEqual({ settled: 1, winner: answeredBy });
    }
    expect(unhandled).toEqual([]);
  }, 20_000 + 2 * SCHEDULES);
});
