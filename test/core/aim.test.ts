import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Hedger, type HedgeCall, type HedgerOptions } from '@hedgerow/core';
import { Aim } from '#core/latency/aim.js';
import { Lateness } from '#core/timing/lateness.js';
import { FakeClock } from './fake-clock.js';
import { Stage, type Answer } from './stage.js';
import { seeded } from './traffic.js';

/** Latencies between 0 and 100 ms, all equally likely. */
const even = {
  identifiedUpToMs: 100,
  runningAt: (ms: number) => 1 - Math.min(1, Math.max(0, ms / 100)),
  quantile: (share: number) => 100 * share,
};
const DELAY_MS = 90;
const PLANNED = 0.1;

/** Calls of a route whose hedges are launched late by what `lateMs` says; returns the share of the last of them that was hedged. */
function hedged(aim: Aim, lateness: Lateness, lateMs: () => number, calls: number): number {
  const random = seeded(3);
  let launched = 0;
  for (let call = 0; call < calls; call++) {
    const late = lateMs();
    const isLaunched = 100 * random() > DELAY_MS - aim.leadMs + late;
    if (isLaunched) lateness.note(late);
    aim.count(DELAY_MS, isLaunched, isLaunched);
    if (isLaunched && call >= calls / 2) launched++;
  }
  return launched / (calls / 2);
}

function stage(curve: () => typeof even | undefined = () => even): { aim: Aim; lateness: Lateness; version: { refreshes: number } } {
  const lateness = new Lateness();
  const version = { refreshes: 0 };
  return { aim: new Aim({ version, curve }, lateness), lateness, version };
}

describe('the aim of a route', () => {
  it.each([1, 4, 8])('makes up for launches that are late by %d ms: a little less is sent than is planned, never more', (lateMs) => {
    const { aim, lateness } = stage();
    const share = hedged(aim, lateness, () => lateMs, 40_000);
    expect(share / PLANNED).toBeGreaterThan(0.9);
    expect(share / PLANNED).toBeLessThan(1);
  });

  it('does so where lateness differs from one launch to the next', () => {
    const { aim, lateness } = stage();
    const random = seeded(5);
    const share = hedged(aim, lateness, () => -3 * Math.log(1 - random()), 40_000);
    expect(share / PLANNED).toBeGreaterThan(0.9);
    expect(share / PLANNED).toBeLessThan(1);
  });

  it('changes nothing where launches are in time', () => {
    const { aim, lateness } = stage();
    hedged(aim, lateness, () => 0, 10_000);
    expect(aim.leadMs).toBe(0);
  });

  it.each([0.8, 0.5])('launches little more than is planned where a share of only %d of it goes out', (goesOut) => {
    const { aim, lateness } = stage();
    const random = seeded(7);
    let launched = 0;
    for (let call = 0; call < 40_000; call++) {
      const isLaunched = 100 * random() > DELAY_MS - aim.leadMs + 4;
      if (isLaunched) lateness.note(4);
      aim.count(DELAY_MS, isLaunched, isLaunched && random() < goesOut);
      if (isLaunched && call >= 20_000) launched++;
    }
    expect(launched / 20_000 / PLANNED).toBeGreaterThan(1);
    expect(launched / 20_000 / PLANNED).toBeLessThan(1.11);
  });

  it('never leads by much more than launches were late', () => {
    const { aim, lateness } = stage();
    lateness.note(2);
    for (let call = 0; call < 10_000; call++) aim.count(DELAY_MS, false, false);
    expect(aim.leadMs).toBeCloseTo(3);
  });

  it('lets go at once when everything is launched, as in an outage', () => {
    const { aim, lateness } = stage();
    hedged(aim, lateness, () => 4, 10_000);
    expect(aim.leadMs).toBeGreaterThan(1);
    for (let call = 0; call < 300; call++) aim.count(DELAY_MS, true, true);
    expect(aim.leadMs).toBe(0);
  });

  it('follows the delay when the estimates are renewed', () => {
    const { aim, lateness, version } = stage();
    hedged(aim, lateness, () => 4, 20_000);
    const before = aim.leadMs;
    version.refreshes++;
    aim.count(80, false, false);
    expect(aim.leadMs).toBeGreaterThan(before);
  });

  it('waits for an estimate', () => {
    const { aim, lateness } = stage(() => undefined);
    lateness.note(5);
    for (let call = 0; call < 1_000; call++) aim.count(DELAY_MS, false, false);
    expect(aim.leadMs).toBe(0);
  });
});

describe('what is told to the aim of a route', () => {
  afterEach(() => void jest.restoreAllMocks());

  /** What it was told when a call ended whose hedge was due after 20 ms, and whose primary answered after so many. */
  async function told(primaryMs: number, options: HedgerOptions = {}, start?: HedgeCall<Answer>['start']): Promise<unknown[]> {
    const count = jest.spyOn(Aim.prototype, 'count').mockClear();
    const stage = new Stage({ delay: { quantile: 0.9 }, latency: { warmup: { delayMs: 20, requests: 1_000 } }, efficacy: false, ...options });
    const call = stage.call([{ ms: primaryMs }, { ms: 1_000 }]);
    const answer = stage.hedger.run({ ...call, ...(start && { start: (attempt) => (attempt.isHedge ? start(attempt) : call.start(attempt)) }) });
    await stage.clock.advance(2_000);
    await answer;
    return count.mock.calls;
  }

  it('is what came of its calls: the answer, or a hedge, or one that was not permitted', async () => {
    expect(await told(10)).toEqual([[20, false, false]]);
    expect(await told(30)).toEqual([[20, true, true]]);
    expect(await told(30, { budget: { deposit: () => undefined, tryTake: () => false } })).toEqual([[20, true, true]]);
  });

  it('is not a hedge that was given up before it went out', async () => {
    const start: HedgeCall<Answer>['start'] = (attempt) => new Promise((_, reject) => attempt.onAbort((reason) => {
      attempt.notSent();
      reject(reason);
    }));
    expect(await told(30, {}, start)).toEqual([[20, true, false]]);
  });
});

describe('lateness', () => {
  it('is known by its mean and its worst, both of late', () => {
    const lateness = new Lateness();
    lateness.note(40);
    for (let launch = 0; launch < 1_000; launch++) lateness.note(2);
    expect(lateness.meanMs).toBeCloseTo(2);
    expect(lateness.worstMs).toBeCloseTo(2);
  });
});

describe('a Hedger whose timers are late', () => {
  const LATE_MS = 3;

  /** Hedges per call of the second half. */
  function sent(delay: { readonly quantile: number; readonly minMs?: number }, calls = 20_000): { share: number; soonestMs: number } {
    const inTime = new FakeClock();
    const { now, epochNow, random: chance, clearTimeout, afterPoll, bind } = inTime;
    const clock = { now, epochNow, random: chance, clearTimeout, afterPoll, bind, setTimeout: (callback: () => void, ms: number) => inTime.setTimeout(callback, ms + LATE_MS) };
    let soonestMs = Infinity;
    const hedger = new Hedger({ clock, delay, budget: false, worth: 0, efficacy: false, onHedge: ({ delayMs }) => void (soonestMs = Math.min(soonestMs, delayMs)) });
    const random = seeded(7);
    const start = (): PromiseLike<string> => ({ then: (onValue) => void inTime.setTimeout(() => void onValue?.('answer'), random() < 0.02 ? 200 : 20 + 20 * random()) as never });
    let before = 0;
    for (let call = 0; call < calls; call++) {
      if (call === calls / 2) before = hedger.stats().attempts.hedge;
      void hedger.run({ request: { method: 'GET', url: 'http://service.test/item' }, start });
      inTime.jump(60);
    }
    return { share: (hedger.stats().attempts.hedge - before) / (calls / 2), soonestMs };
  }

  it('sends as many hedges as the quantile says', () => {
    const { share } = sent({ quantile: 0.9 });
    expect(share).toBeGreaterThan(0.085);
    expect(share).toBeLessThan(0.105);
  });

  it('sends none sooner than `minMs` allows', () => {
    expect(sent({ quantile: 0.9, minMs: 39.5 }, 4_000).soonestMs).toBeGreaterThanOrEqual(39);
  });
});
