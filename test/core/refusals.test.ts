import { describe, expect, it } from '@jest/globals';
import { Hedger, type AttemptContext, type HedgeCall, type HedgerOptions } from '@hedgerow/core';
import { Refusals } from '#core/harm/refusals.js';
import { FakeClock } from './fake-clock.js';
import { Instant } from './instant.js';
import { Stage, type Answer, type Script } from './stage.js';
import { referenceLatency, seeded } from './traffic.js';

const REFUSALS = [400, 401, 403, 404, 409, 410, 412, 423, 451, 499];

/** Plays calls one after another, each as its scripts say. */
async function play(stage: Stage, count: number, scripts: (call: number) => readonly Script[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let call = 0; call < count; call++) {
    const promise = stage.run(scripts(call));
    await stage.clock.advance(100);
    answers.push(await promise);
  }
  return answers;
}

/** The p99 of so many calls of the reference workload, by default options; what is asked for decides whether it is there. */
function p99(calls: number, options: HedgerOptions): number {
  const clock = new FakeClock();
  const hedger = new Hedger({ clock, ...options, onComplete: ({ durationMs }) => tookMs.push(durationMs) });
  const latencyMs = referenceLatency(seeded(1));
  const chance = seeded(2);
  const tookMs: number[] = [];
  for (let call = 0; call < calls; call++) {
    const status = chance() < 0.3 ? 404 : 200;
    const start = (attempt: AttemptContext): PromiseLike<number> => {
      const answer = new Instant<number>();
      const timer = clock.setTimeout(() => answer.resolve(status), latencyMs());
      attempt.onAbort(() => clock.clearTimeout(timer));
      return answer;
    };
    void hedger.run({ request: { method: 'GET', url: 'http://service.test/items' }, start, statusOf: (settled) => (settled.ok ? settled.value : undefined) });
    clock.jump(-Math.log(1 - chance()));
  }
  clock.jump(1_000);
  return tookMs.sort((a, b) => a - b)[Math.floor(0.99 * tookMs.length)] ?? NaN;
}

const slow = (status = 200): Script => ({ ms: 50, status });
const copy = (status: number): Script => ({ ms: 1, status });

function staged(options: HedgerOptions = {}): Stage {
  return new Stage({ delay: 10, efficacy: false, ...options });
}

describe('a refusal that only the copy gets', () => {
  it.each(REFUSALS)('with %d decides nothing', async (status) => {
    const stage = staged();
    const answers = await play(stage, 20, () => [slow(), copy(status)]);
    expect(answers.every(({ from, status: got }) => from === 0 && got === 200)).toBe(true);
    expect(stage.hedger.stats().wins).toEqual({ primary: 20, hedge: 0 });
  });

  it('decides nothing where the primary fails afterwards: the caller sees its own outcome', async () => {
    const [answer] = await play(staged(), 1, () => [slow(503), copy(404)]);
    expect(answer).toMatchObject({ from: 0, status: 503 });
  });

  it('decides nothing where the primary has failed before', async () => {
    const [answer] = await play(staged(), 1, () => [{ ms: 12, status: 503 }, { ms: 20, status: 404 }]);
    expect(answer).toMatchObject({ from: 0, status: 503 });
  });

  it('leaves the call to a further copy that is answered', async () => {
    const [answer] = await play(staged({ delay: [10, 20] }), 1, () => [slow(), copy(409), copy(200)]);
    expect(answer).toMatchObject({ from: 2, status: 200 });
  });

  it('decides if the user says so', async () => {
    const [answer] = await play(staged({ accept: () => true }), 1, () => [slow(), copy(404)]);
    expect(answer).toMatchObject({ from: 1, status: 404 });
  });

  it('is no answer of the core’s to `accept`', async () => {
    const seen: unknown[] = [];
    await play(staged({ accept: ({ attempt, status, acceptable }) => (seen.push([attempt, status, acceptable]), acceptable) }), 1, () => [slow(), copy(404)]);
    expect(seen).toEqual([[1, 404, false], [0, 200, true]]);
  });

  it.each([[0, 1], [1, 0], [6, 0], [16, 0], [17, 1]])('is, of remote procedures, any status that is an answer but not OK: after %d the call is decided by attempt %d', async (status, from) => {
    const stage = staged();
    const request = { method: 'POST', url: 'grpc://a/s/m', rpc: { system: 'grpc', service: 's', method: 'm' } } as const;
    const call = stage.run([slow(0), copy(status)], { methods: ['POST'] }, { request });
    await stage.clock.advance(100);
    expect(await call).toMatchObject({ from });
  });

  it('is none where the user takes it for an answer', async () => {
    const stage = staged({ accept: () => true });
    await play(stage, 30, () => [slow(), copy(404)]);
    const calls = Array.from({ length: 30 }, () => stage.run([slow(), copy(404)]));
    await stage.clock.advance(100);
    await Promise.all(calls);
    expect(stage.hedger.stats().wins).toEqual({ primary: 0, hedge: 60 });
  });

  it('pauses the route, with a reason of its own, and probes it ever after', async () => {
    const stage = staged();
    await play(stage, 1_000, () => [slow(), copy(401)]);
    const { attempts, suppressions } = stage.hedger.stats();
    expect(attempts.hedge).toBeLessThanOrEqual(12 + 5);
    expect(suppressions.refused).toBe(1_000 - attempts.hedge);
    expect(stage.hedger.routes()[0]).toMatchObject({ isPaused: true, pauseReason: 'refused' });
  });

  it('pauses no route that is answered often enough', async () => {
    const random = seeded(3);
    const stage = staged();
    await play(stage, 2_000, () => [slow(), copy(random() < 0.3 ? 423 : 200)]);
    expect(stage.hedger.stats().suppressions.refused).toBe(0);
  });

  it('is forgotten once probes are answered again', async () => {
    const stage = staged();
    await play(stage, 100, () => [slow(), copy(401)]);
    expect(stage.hedger.routes()[0]?.isPaused).toBe(true);
    await play(stage, 230 * 4, () => [slow(), copy(200)]);
    expect(stage.hedger.routes()[0]).toMatchObject({ isPaused: false, pauseReason: undefined });
  });

  it('holds further copies back as soon as so many were refused, however many calls are under way', async () => {
    const stage = staged();
    // Copies that were not refused are no credit, and primaries that were overtaken are no copies.
    await play(stage, 20, (call) => [call < 5 ? { ms: 20, status: 404 } : slow(), copy(call < 5 ? 500 : 200)]);
    await play(stage, 3, () => [{ ms: 20, status: 404 }, { ms: 60 }]);
    await play(stage, 3, () => [slow(), copy(200)]);
    const before = stage.hedger.stats().attempts.hedge;
    const calls = Array.from({ length: 200 }, () => stage.run([{ ms: 5_000 }, copy(401)]));
    const later: Promise<Answer>[] = [];
    for (let call = 0; call < 200; call++) {
      await stage.clock.advance(1);
      later.push(stage.run([{ ms: 5_000 }, copy(401)]));
    }
    // All that were due before the first was refused, and so few after.
    expect(stage.hedger.stats().attempts.hedge - before).toBeLessThanOrEqual(200 + 12);
    await stage.clock.advance(6_000);
    expect((await Promise.all([...calls, ...later])).every(({ from }) => from === 0)).toBe(true);
  });

  it('does not hold back for calls that are over', async () => {
    const stage = staged();
    await play(stage, 100, () => [slow(500), copy(404)]);
    expect(stage.hedger.stats().attempts.hedge).toBe(100);
  });

  it('does not count against copies that are answered', async () => {
    const stage = new Stage({ delay: 10 });
    await play(stage, 300, () => [slow(), copy(401)]);
    // Had the efficacy gate taken refused copies for useless ones, this would be its word.
    expect(stage.hedger.stats().suppressions.no_benefit).toBe(0);
  });
});

describe('a primary that its copy overtook', () => {
  const twice = (ms: number, status: number): readonly Script[] => [{ ms: 20, status }, { ms, status: 200 }];

  it('leaves the call to the copy where that is answered', async () => {
    const [answer] = await play(staged(), 1, () => twice(60, 404));
    expect(answer).toMatchObject({ from: 1, status: 200 });
  });

  it.each([404, 500, 401])('has its own outcome, and has won, where the copy comes to %d', async (status) => {
    const stage = staged();
    const [answer] = await play(stage, 1, () => [{ ms: 20, status: 404 }, { ms: 60, status }]);
    expect(answer).toMatchObject({ from: 0, status: 404 });
    expect(stage.hedger.stats()).toMatchObject({ wins: { primary: 1, hedge: 0 }, failed: 0 });
  });

  it.each([[10, 1_000], [300, 3_000], [5_000, 10_000]])('has its own outcome when the copy takes too long: with a delay of %d ms, after %d', async (delay, ms) => {
    const stage = staged({ delay });
    const call = stage.run([{ ms: delay + 5, status: 404 }, { ms: 1e6 }]);
    let isSettled = false;
    void call.then(() => (isSettled = true));
    await stage.clock.advance(delay + ms);
    expect(isSettled).toBe(false);
    await stage.clock.advance(10);
    expect(await call).toMatchObject({ from: 0, status: 404 });
    expect(stage.aborted).toEqual([1]);
    expect(stage.clock.pending).toBe(0);
  });

  it('has its own outcome at once where nothing can be meant for the caller: no copy is out', async () => {
    const stage = staged({ delay: 10_000 });
    const call = stage.run([{ ms: 20, status: 404 }]);
    await stage.clock.advance(20);
    expect(await call).toMatchObject({ from: 0, status: 404 });
  });

  it('has its own outcome at once where the user accepts it, or primaries are seen to be refused anyway', async () => {
    const accepting = staged({ accept: ({ acceptable }) => acceptable });
    const call = accepting.run([{ ms: 20, status: 404 }, { ms: 1e6 }]);
    await accepting.clock.advance(20);
    expect(await call).toMatchObject({ from: 0, status: 404 });

    const believing = staged();
    await play(believing, 40, (number) => (number % 10 === 0 ? [slow(404), copy(404)] : [slow(), copy(200)]));
    const next = believing.run([{ ms: 20, status: 404 }, { ms: 1e6 }]);
    await believing.clock.advance(20);
    expect(await next).toMatchObject({ from: 0, status: 404 });
  });

  it('is given up with its call, and when time is up the caller has its outcome', async () => {
    for (const [name, expected] of [['AbortError', { name: 'AbortError' }], ['TimeoutError', { from: 0, status: 404 }]] as const) {
      const stage = staged();
      const controller = new AbortController();
      const call = stage.run([{ ms: 20, status: 404 }, { ms: 1e6 }], {}, { signal: controller.signal }).catch((error: unknown) => error);
      await stage.clock.advance(30);
      controller.abort(new DOMException('enough', name));
      await stage.clock.advance(10);
      expect(await call).toMatchObject(expected);
      expect(stage.clock.pending).toBe(0);
      // Also the attempt whose body is still to be read, or is not wanted any more.
      expect(stage.started.map(({ reason }) => reason)).toEqual([controller.signal.reason, controller.signal.reason]);
    }
    const [limited] = await play(staged({ timeoutMs: 40 }), 1, () => [{ ms: 20, status: 404 }, { ms: 1e6 }]);
    expect(limited).toMatchObject({ from: 0, status: 404 });
  });

  it.each([[true, [{ from: 1 }]], [false, []]] as const)('has its own outcome when time is up, and a copy that answers just then is freed: %s', async (answers, freed) => {
    const stage = staged();
    const controller = new AbortController();
    const start: HedgeCall<Answer>['start'] = async (attempt) => {
      if (!attempt.isHedge) return stage.clock.sleep(20).then(() => ({ from: 0, status: 404 }));
      return new Promise((resolve) => attempt.onAbort(() => answers && resolve({ from: 1, status: 200 })));
    };
    const call = stage.run([], {}, { start, signal: controller.signal });
    await stage.clock.advance(30);
    controller.abort(new DOMException('enough', 'TimeoutError'));
    await stage.clock.advance(10);
    expect(await call).toMatchObject({ from: 0, status: 404 });
    expect(stage.discarded).toMatchObject(freed);
  });

  it('waits for the copies that are left when one is refused', async () => {
    const [answer] = await play(staged({ delay: [10, 12] }), 1, () => [{ ms: 20, status: 404 }, { ms: 15, status: 404 }, { ms: 30 }]);
    expect(answer).toMatchObject({ from: 2, status: 200 });
  });

  it('teaches that copies and primaries are refused alike, or not', async () => {
    const alike = staged();
    await play(alike, 40, (call) => [call % 10 === 0 ? { ms: 20, status: 404 } : slow(), { ms: call % 10 === 0 ? 60 : 1, status: call % 10 === 0 ? 404 : 200 }]);
    const next = alike.run([{ ms: 20, status: 404 }, { ms: 1e6 }]);
    await alike.clock.advance(20);
    expect(await next).toMatchObject({ from: 0, status: 404 });

    const unlike = staged();
    await play(unlike, 30, () => [{ ms: 20, status: 404 }, { ms: 60, status: 401 }]);
    expect(unlike.hedger.routes()[0]).toMatchObject({ pauseReason: 'refused' });
  });

  it.each([['the copy is answered', {}, 60, ['failed false', 'won false']], ['time is up', { timeoutMs: 40 }, 1e6, ['won false', 'failed true']]] as const)(
    'is seen to end by whoever observes it: %s',
    async (_, options, ms, expected) => {
      const stage = staged(options);
      const ends: string[] = [];
      stage.hedger.observe({ onCall: () => ({ onAttemptEnd: ({ number, outcome, timedOut }) => void (ends[number] = `${String(outcome)} ${String(timedOut)}`) }) });
      await play(stage, 1, () => [{ ms: 20, status: 404 }, { ms }]);
      expect(ends).toEqual(expected);
    },
  );

  it('sends no further copy', async () => {
    const stage = staged({ delay: [10, 30] });
    await play(stage, 1, () => [{ ms: 20, status: 404 }, { ms: 60 }, { ms: 60 }]);
    expect(stage.started).toHaveLength(2);
  });

  it('counts as a refusal of copies', async () => {
    const stage = staged();
    await play(stage, 100, () => twice(60, 409));
    expect(stage.hedger.routes()[0]).toMatchObject({ pauseReason: 'refused' });
    expect(stage.hedger.stats().attempts.hedge).toBe(12);
  });

  it('frees what it holds when the copy wins', async () => {
    for (const losers of ['abort', 'drain'] as const) {
      const stage = staged({ losers });
      await play(stage, 1, () => twice(60, 404));
      expect(stage.discarded).toEqual([expect.objectContaining({ from: 0, status: 404 })]);
      expect(stage.clock.pending).toBe(0);
    }
  });
});

describe('a status that primaries give too', () => {
  it('wins when copies and primaries were seen to agree', async () => {
    const random = seeded(1);
    const stage = staged();
    const answers = await play(stage, 400, () => {
      const status = random() < 0.3 ? 404 : 200;
      return [slow(status), copy(status)];
    });
    const missed = answers.filter(({ status, from }) => status === 404 && from === 0).length;
    const won = answers.filter(({ status, from }) => status === 404 && from === 1).length;
    // Until they are believed, and then to check now and then.
    expect(missed).toBeLessThanOrEqual(12);
    expect(won).toBeGreaterThan(90);
    expect(stage.hedger.stats().suppressions.refused).toBe(0);
  });

  it.each([0.02, 0.3, 0.6])('decides nothing where copies get it whatever primaries get (%d of them)', async (share) => {
    const random = seeded(2);
    const stage = staged();
    const answers = await play(stage, 3_000, () => [slow(random() < share ? 404 : 200), copy(404)]);
    expect(answers.filter(({ from }) => from === 1)).toEqual([]);
    expect(stage.hedger.routes()[0]?.pauseReason).toBe('refused');
  });

  it('is believed no longer when servers change', async () => {
    const random = seeded(4);
    const stage = staged();
    await play(stage, 300, () => {
      const status = random() < 0.3 ? 404 : 200;
      return [slow(status), copy(status)];
    });
    const answers = await play(stage, 1_000, () => [slow(), copy(404)]);
    expect(answers.filter(({ from }) => from === 1).length).toBeLessThanOrEqual(32);
    expect(stage.hedger.routes()[0]?.pauseReason).toBe('refused');
  });

  it('is not believed by chance, although calls that are hedged are refused more often than the others', () => {
    const random = seeded(5);
    const statuses = REFUSALS.slice(0, 8);
    let believed = 0;
    for (let route = 0; route < 2_000; route++) {
      const refusals = new Refusals();
      for (let hedged = 0; hedged < 40; hedged++) {
        // Of primaries that are slow enough to be hedged one in a hundred is refused, as if by its copy's status; of all it is one in a thousand.
        const copy = statuses[Math.floor(random() * statuses.length)] ?? 400;
        refusals.compare(copy, random() < 0.01 ? copy : 200, true, 1_000 * hedged);
      }
      if (statuses.some((status) => refusals.isBelieved(status, 40_000))) believed++;
    }
    expect(believed).toBe(0);
  });

  it('takes the longer to be believed the more primaries give it', () => {
    const needed = [0.001, 0.1, 0.5, 0.9].map((share) => {
      const refusals = new Refusals();
      for (let primary = 0; primary < 1_000 * share; primary++) refusals.primaryRefused(404);
      let agreements = 0;
      for (; !refusals.believes(404, 1_000); agreements++) refusals.compare(404, 404, true, 1_000);
      return agreements;
    });
    expect(needed).toEqual([3, 3, 6, 38]);
  });

  it('is believed even where all primaries give it, once two hundred have agreed', async () => {
    const answers = await play(staged(), 250, () => [slow(404), copy(404)]);
    const first = answers.findIndex(({ from }) => from === 1);
    expect(first).toBeGreaterThan(150);
    expect(first).toBeLessThan(250);
  });

  it('costs a look-up whose every third answer is 404 nothing that its users would notice', () => {
    const usual = p99(20_000, {});
    const believing = p99(20_000, { accept: ({ acceptable, status }) => acceptable || status === 404 });
    expect(usual / believing).toBeLessThan(1.05);
    expect(usual / p99(20_000, { mode: 'shadow' })).toBeLessThan(0.5);
  });

  it('is known status by status', () => {
    const refusals = new Refusals();
    for (let call = 0; call < 10; call++) {
      refusals.primaryRefused(404);
      refusals.compare(404, 404, true, 100);
    }
    expect([refusals.believes(404, 100), refusals.believes(403, 100)]).toEqual([true, false]);
  });

  it('says nothing where the primary failed', () => {
    const refusals = new Refusals();
    for (let call = 0; call < 100; call++) refusals.compare(404, 500, false, 100);
    expect(refusals.isPaused).toBe(false);
  });
});

describe('what may win', () => {
  it.each([[200, true], [302, true], [400, true], [404, true], [408, false], [409, true], [425, false], [429, false], [499, true], [500, false]])('a primary with %d: %s', async (status, expected) => {
    const seen: boolean[] = [];
    await play(staged({ accept: ({ acceptable }) => (seen.push(acceptable), true) }), 1, () => [{ ms: 1, status }]);
    expect(seen).toEqual([expected]);
  });

  it('is no conflict of a call whose key says that its copies are one', async () => {
    const seen: boolean[] = [];
    const stage = staged({ idempotencyKey: true, accept: ({ acceptable }) => (seen.push(acceptable), true) });
    const headers: Readonly<Record<string, string>> = { 'idempotency-key': '1' };
    for (const status of [409, 404]) void stage.run([{ ms: 1, status }], {}, { request: { method: 'POST', url: 'http://service.test/', header: (name) => headers[name] } });
    await stage.clock.advance(100);
    expect(seen).toEqual([false, true]);
  });

  it.each([
    ...[0, 300, 303, 307, 399, 401, 403, 407].map((status) => [status, false] as const),
    ...[299, 304, 400, 402, 404, 410].map((status) => [status, true] as const),
  ])('a copy without credentials with %d, as half of the primaries: %s', async (status, mayWin) => {
    const stage = staged({ targets: ['http://service.test', 'http://other.test'] });
    const answers = await play(stage, 60, (call) => (call % 2 === 0 ? [slow(), copy(200)] : [slow(status), copy(status)]));
    expect(answers.some((answer) => answer.status === status && answer.from === 1)).toBe(mayWin);
  });
});

describe('refusals of a route', () => {
  /** So many copies were refused whose primaries were answered. */
  function refused(count: number, refusals = new Refusals(), status = 401): Refusals {
    for (let call = 0; call < count; call++) refusals.compare(status, 200, true, 1_000);
    return refusals;
  }

  function answer(refusals: Refusals, times: number): Refusals {
    for (let time = 0; time < times; time++) refusals.answered();
    return refusals;
  }

  it('close it at the twelfth, those included of which it is not known yet what they say', () => {
    for (const known of [0, 5]) {
      const refusals = refused(known);
      for (let copies = known; copies < 11; copies++) refusals.copyRefused();
      expect(refusals.isClosed(1_000)).toBe(false);
      refusals.copyRefused();
      expect(refusals.isClosed(1_000)).toBe(true);
      refusals.ended(1);
      expect(refusals.isClosed(1_000)).toBe(false);
    }
  });

  it.each([[0, 1, 12], [1, 1, 12], [10, 1, 4], [10, 3, 8], [10, 5, 12], [10, 9, 12]])('pause it: %d, then %d answers, then %d more', (before, answers, more) => {
    const refusals = refused(more - 1, answer(refused(before), answers));
    expect(refusals.isPaused).toBe(false);
    expect(refused(1, refusals).isPaused).toBe(true);
  });

  it('are forgotten after three answers in a row', () => {
    const refusals = answer(refused(12), 2);
    expect(refusals.isPaused).toBe(true);
    answer(refused(1, refusals), 2);
    expect(refusals.isPaused).toBe(true);
    expect(answer(refusals, 1).isPaused).toBe(false);
    expect(refused(11, refusals).isPaused).toBe(false);
    expect(answer(refused(1, refusals), 2).isPaused).toBe(true);
  });

  it('are forgotten after three agreements more than chance explains, too', () => {
    const refusals = refused(12);
    for (let agreement = 0; agreement < 4; agreement++) refusals.compare(404, 404, true, 1_000);
    expect(refusals.isPaused).toBe(true);
    refusals.compare(404, 404, true, 1_000);
    expect(refusals.isPaused).toBe(false);
  });

  it.each([[0, 3], [1, 4], [2, 7], [6, 112], [7, 112]])('make a status harder to believe: %d, then %d agreements', (disagreements, agreements) => {
    const refusals = new Refusals();
    for (let primary = 0; primary < 100; primary++) refusals.primaryRefused(404);
    refused(disagreements, refusals, 404);
    for (let agreement = 1; agreement <= agreements; agreement++) {
      expect(refusals.isBelieved(404, 1_000)).toBe(false);
      refusals.compare(404, 404, true, 1_000);
    }
    expect(refusals.isBelieved(404, 1_000)).toBe(true);
  });

  it('are believed of ever more copies before one is compared, up to 32', () => {
    const refusals = new Refusals();
    const runs: number[] = [];
    for (let agreement = 0; agreement < 2; agreement++) refusals.compare(404, 404, true, 1_000);
    for (let round = 0; round < 5; round++) {
      refusals.compare(404, 404, true, 1_000);
      let believed = 0;
      while (refusals.believes(404, 1_000)) believed++;
      runs.push(believed);
    }
    expect(runs).toEqual([16, 32, 32, 32, 32]);
  });

  it('of a status that was never seen are not believed', () => {
    expect([new Refusals().isBelieved(404, 1_000), new Refusals().believes(404, 1_000)]).toEqual([false, false]);
  });
});
