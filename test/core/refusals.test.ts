import { describe, expect, it } from '@jest/globals';
import type { HedgerOptions } from '@hedgerow/core';
import { Refusals } from '#core/harm/refusals.js';
import { Stage, type Answer, type Script } from './stage.js';
import { seeded } from './traffic.js';

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

  it('is, of remote procedures, any status that is an answer but not OK', async () => {
    const stage = staged();
    const request = { method: 'POST', url: 'grpc://a/s/m', rpc: { system: 'grpc', service: 's', method: 'm' } } as const;
    const call = stage.run([slow(0), copy(6)], { methods: ['POST'] }, { request });
    await stage.clock.advance(100);
    expect(await call).toMatchObject({ from: 0, status: 0 });
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
    const calls = Array.from({ length: 200 }, () => stage.run([{ ms: 5_000 }, copy(401)]));
    const later: Promise<Answer>[] = [];
    for (let call = 0; call < 200; call++) {
      await stage.clock.advance(1);
      later.push(stage.run([{ ms: 5_000 }, copy(401)]));
    }
    // All that were due before the first was refused, and so few after.
    expect(stage.hedger.stats().attempts.hedge).toBeLessThanOrEqual(200 + 12);
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

  it('takes the longer to be believed the more primaries give it', () => {
    const needed = [0.001, 0.1, 0.5, 0.9].map((share) => {
      const refusals = new Refusals();
      for (let primary = 0; primary < 1_000 * share; primary++) refusals.primaryRefused(404);
      let agreements = 0;
      for (; !refusals.believes(404, 1_000); agreements++) refusals.compare(404, 404, true, 1_000);
      return agreements;
    });
    expect(needed).toEqual([2, 2, 6, 38]);
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
