import { describe, expect, it, jest } from '@jest/globals';
import { OutageBrake } from '#core/budget/brake.js';
import { EfficacyGate, type Verdict } from '#core/harm/efficacy.js';
import { Gate } from '#core/harm/gate.js';
import { isUseful } from '#core/harm/usefulness.js';
import { winChance } from '#core/harm/win-chance.js';

/** A hedge that was useless, where no independent copy would have been. */
const USELESS: Verdict = { chance: 1, isUseful: false, unanswered: 0, calls: 100, nowMs: 0, hasOneInstance: false };
const USEFUL: Verdict = { ...USELESS, isUseful: true };

/** How many verdicts it takes until `gate` is paused, or not; each comes `everyMs` after the other. */
function verdicts(gate: EfficacyGate, verdict: Verdict, isPaused: boolean, everyMs = 100, tell: 'decide' | 'collide' = 'decide'): number {
  for (let count = 0; count < 100; count++) {
    if (gate.isPaused === isPaused) return count;
    gate[tell]({ ...verdict, nowMs: verdict.nowMs + count * everyMs });
  }
  return Infinity;
}

function paused(): EfficacyGate {
  const gate = new EfficacyGate(0.8);
  verdicts(gate, USELESS, true);
  return gate;
}

describe('the efficacy gate pauses', () => {
  it.each([
    ['useless hedges', 'decide', USELESS, 100, 12],
    ['fewer of one instance', 'decide', { ...USELESS, hasOneInstance: true }, 100, 10],
    ['fewer collisions, useful or not', 'collide', USEFUL, 100, 10],
    ['more where an independent one may be late as well', 'decide', { ...USELESS, unanswered: 0.5 }, 100, 27],
    ['pairs that had to wait for one thing', 'decide', USELESS, 4, 14],
    ['no number of them at one moment', 'decide', USELESS, 0, Infinity],
  ] as const)('after %s', (_, tell, verdict, everyMs, expected) => {
    expect(verdicts(new EfficacyGate(0.8), verdict, true, everyMs, tell)).toBe(expected);
  });

  it('never where they are useful', () => {
    expect(verdicts(new EfficacyGate(0.8), USEFUL, true)).toBe(Infinity);
  });
});

describe('the efficacy gate', () => {
  it('takes five milliseconds for one moment', () => {
    expect(verdicts(new EfficacyGate(0.8), USELESS, true, 5)).toBe(14);
    expect(verdicts(new EfficacyGate(0.8), USELESS, true, 6)).toBe(12);
  });

  it('owes a probe after 230 calls, and no hedge while it is open', () => {
    const gate = paused();
    expect([gate.owesHedge(329), gate.owesHedge(330)]).toEqual([false, true]);
    gate.sent(400);
    expect([gate.owesHedge(629), gate.owesHedge(630)]).toEqual([false, true]);
    gate.sent(500);
    expect([gate.owesHedge(859), gate.owesHedge(860)]).toEqual([false, true]);
    const open = new EfficacyGate(0.8);
    open.sent(1_000);
    expect([open.isPaused, open.owesHedge(1e6)]).toEqual([false, false]);
  });

  it('tries on once one was useful, hedge by hedge, ahead of its time', () => {
    const gate = paused();
    gate.sent(330);
    gate.decide({ ...USEFUL, nowMs: 1e5 });
    expect(gate.owesHedge(331)).toBe(true);
    gate.sent(331);
    expect(gate.owesHedge(331)).toBe(false);
  });

  it('opens after three useful hedges, of one moment after more', () => {
    expect(verdicts(paused(), { ...USEFUL, nowMs: 1e5 }, false)).toBe(3);
    expect(verdicts(paused(), { ...USEFUL, nowMs: 1e5 }, false, 0)).toBe(4);
    const gate = new EfficacyGate(0.8);
    verdicts(gate, { ...USELESS, hasOneInstance: true }, true);
    expect(verdicts(gate, { ...USEFUL, nowMs: 900 }, false, 0)).toBe(5);
  });

  it('shows a correlation that looks back over fifty hedges, and none before the first is expected to be useful', () => {
    const gate = new EfficacyGate(0.8);
    gate.decide({ ...USEFUL, chance: 0.5 });
    expect(gate.correlation).toBeUndefined();
    gate.decide({ ...USELESS, chance: 0.5 });
    expect(gate.correlation).toBe(0);
    const long = new EfficacyGate(0.8);
    for (let hedge = 0; hedge < 50; hedge++) long.decide(USEFUL);
    long.decide(USELESS);
    expect(long.correlation).toBeCloseTo(1 - 25 / 25.5);
    for (let hedge = 0; hedge < 10; hedge++) long.decide(USELESS);
    expect(long.correlation).toBeCloseTo(1 - 25 / 35.5);
  });
});

describe('the gate of a route', () => {
  /** Latencies between 0 and 1,000 ms, all equally likely. */
  const even = { identifiedUpToMs: 1_000, runningAt: (ms: number) => 1 - Math.min(1, Math.max(0, ms / 1_000)), quantile: jest.fn((share: number) => 1_000 * share) };
  const decided = { delayMs: 100, tookMs: 960, lagMs: 0, hasWon: true, hasCollided: false, nowMs: 0 };

  it('reckons anew where the delay differs by over 2 %, or the estimates do', () => {
    const route = { calls: 0, version: { refreshes: 0, resets: 0 }, curve: jest.fn(() => even) };
    const gate = new Gate(0.8, route);
    const reckoned = (delayMs: number, refreshes = 0): readonly [chances: number, curves: number] => {
      even.quantile.mockClear();
      route.curve.mockClear();
      route.version.refreshes = refreshes;
      gate.decide({ ...decided, delayMs });
      return [Math.sign(even.quantile.mock.calls.length), route.curve.mock.calls.length];
    };
    expect(reckoned(98)).toEqual([1, 1]);
    expect(reckoned(98)).toEqual([0, 0]);
    expect(reckoned(100)).toEqual([0, 0]);
    expect(reckoned(100.1)).toEqual([1, 0]);
    expect(reckoned(98)).toEqual([1, 0]);
    expect(reckoned(97)).toEqual([0, 0]);
    expect(reckoned(97, 1)).toEqual([1, 1]);
  });

  it('learns nothing from an answer that waited long until it was read', () => {
    const judged = (lagMs: number): boolean => {
      const gate = new Gate(0.8, { calls: 0, version: { refreshes: 0, resets: 0 }, curve: () => even });
      for (let nowMs = 0; nowMs < 5_000; nowMs += 100) gate.decide({ ...decided, hasWon: false, lagMs, nowMs });
      return gate.isPaused;
    };
    expect([0, 240, 241].map(judged)).toEqual([true, true, false]);
  });

  it('closes after collisions, although the hedges won', () => {
    const route = { calls: 0, version: { refreshes: 0, resets: 0 }, curve: () => even };
    const [collided, useful] = [new Gate(0.8, route), new Gate(0.8, route)];
    for (let nowMs = 0; nowMs < 2_000; nowMs += 100) {
      collided.decide({ ...decided, hasCollided: true, nowMs });
      useful.decide({ ...decided, nowMs });
    }
    expect([collided.isPaused, collided.isClosed, collided.correlation]).toEqual([true, true, undefined]);
    expect([useful.isPaused, useful.isClosed, useful.correlation]).toEqual([false, false, 0]);
  });

  it.each([
    ['that lost', { hasWon: false }, 0, 12],
    ['of one instance that lost', { hasWon: false }, 30, 10],
    ['that won when its primary ended as well', { delayMs: 700, tookMs: 960 }, 0, 12],
    ['that won', {}, 0, Infinity],
  ] as const)('closes after hedges %s', (_, kind, answers, expected) => {
    const gate = new Gate(0.8, { calls: 0, version: { refreshes: 0, resets: 0 }, curve: () => even });
    for (let answer = 0; answer < answers; answer++) gate.answeredBy('one');
    let hedges = 0;
    while (!gate.isClosed && hedges < 50) gate.decide({ ...decided, ...kind, nowMs: 100 * hedges++ });
    expect(gate.isClosed ? hedges : Infinity).toBe(expected);
  });

  it('lets a probe through, one at a time', () => {
    const route = { calls: 0, version: { refreshes: 0, resets: 0 }, curve: () => even };
    const gate = new Gate(0.8, route);
    gate.launched();
    for (let nowMs = 0; nowMs < 2_000; nowMs += 100) gate.decide({ ...decided, hasWon: false, nowMs });
    route.calls = 230;
    expect([gate.isPaused, gate.isClosed]).toEqual([true, false]);
    gate.launched();
    expect(gate.isClosed).toBe(true);
  });

  it('learns nothing beyond what is known of latencies', () => {
    const gate = new Gate(0.8, { calls: 0, version: { refreshes: 0, resets: 0 }, curve: () => even });
    gate.decide({ ...decided, delayMs: 2_000 });
    for (let nowMs = 0; nowMs < 1_000; nowMs += 100) gate.decide({ ...decided, nowMs });
    expect(gate.correlation).toBe(0);
  });

  it('learns nothing where latencies are not known', () => {
    const gate = new Gate(0.8, { calls: 0, version: { refreshes: 0, resets: 0 }, curve: () => undefined });
    gate.decide(decided);
    expect([gate.isPaused, gate.isClosed, gate.correlation]).toEqual([false, false, undefined]);
  });
});

describe('the chance to overtake', () => {
  /** Of latencies between 0 and 100 ms, all equally likely, the longer half is not known. */
  const known = { identifiedUpToMs: 50, runningAt: (ms: number) => 1 - ms / 100, quantile: (share: number) => 100 * share };

  it('is the integral over what is known, and a bound beyond', () => {
    expect(winChance(known, 10)).toBeCloseTo((0.08 + 0.5 * 0.4) / 0.9, 6);
  });

  it('is not known at the end of what is, nor where nothing is left', () => {
    expect(winChance(known, 50)).toBeUndefined();
    expect(winChance({ ...known, runningAt: () => 0 }, 10)).toBeUndefined();
  });
});

describe('a hedge that won', () => {
  it('was of no use where all that runs ends then anyway', () => {
    const step = { identifiedUpToMs: 200, runningAt: (ms: number) => (ms < 10 ? 1 : ms < 100 ? 0.1 : 0), quantile: () => undefined };
    expect(isUseful(step, 20, 85)).toBe(false);
    expect(isUseful(step, 20, 9)).toBe(true);
  });
});

describe('the brake', () => {
  /** The share of the budget after each look; before a look so many hedges come due in so many calls. */
  function factors(...looks: readonly (readonly [due: number, calls: number])[]): number[] {
    const brake = new OutageBrake();
    return looks.map(([due, calls], index) => {
      for (let hedge = 1; hedge < due; hedge++) brake.onDue(0, 500 * index);
      brake.onDue(calls, 500 * (index + 1));
      return brake.factor;
    });
  }
  const usual = [2, 40] as const;

  it.each([
    ['halves it from the second look on, down to a 32nd', [usual, ...new Array<readonly [number, number]>(7).fill([36, 40])], [1, 1, 1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 32]],
    ['gives it back at once', [usual, [36, 40], [36, 40], [20, 40], [36, 40], [36, 40]], [1, 1, 1 / 2, 1, 1, 1 / 2]],
    ['leaves it where no more than half are due', [usual, [20, 40], [20, 40], [20, 40]], [1, 1, 1, 1]],
    ['sees four times the usual odds', [[8, 40], [8, 40], [8, 40], [8, 40], [24, 40], [24, 40]], [1, 1, 1, 1, 1, 1 / 2]],
    ['leaves it where all are due as usual', [[40, 40], [40, 40], [40, 40]], [1, 1, 1]],
    ['and no less', [[12, 40], [24, 40], [24, 40]], [1, 1, 1]],
    ['learns what is usual', [[8, 40], ...new Array<readonly [number, number]>(20).fill([16, 40]), [24, 40], [24, 40], [24, 40]], new Array<number>(24).fill(1)],
  ] as const)('%s', (_, looks, expected) => {
    expect(factors(...looks)).toEqual(expected);
  });

  it('looks after half a second and ten calls', () => {
    const brake = new OutageBrake();
    brake.onDue(0, 0);
    brake.onDue(40, 500);
    for (let call = 0; call < 10; call++) brake.onDue(1, 1_000);
    for (let call = 0; call < 9; call++) brake.onDue(1, 1_500);
    expect(brake.factor).toBe(1);
    brake.onDue(1, 1_500);
    expect(brake.factor).toBe(1 / 2);
    for (let call = 0; call < 20; call++) brake.onDue(1, 1_999);
    expect(brake.factor).toBe(1 / 2);
    brake.onDue(1, 2_000);
    expect(brake.factor).toBe(1 / 4);
  });
});
