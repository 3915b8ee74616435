import { describe, expect, it } from '@jest/globals';
import { Hedger, type AttemptContext, type HedgerOptions } from '@hedgerow/core';
import { Trigger, type TriggerRule } from '#core/harm/worth.js';
import { kaplanMeier } from '#core/latency/kaplan-meier.js';
import type { SurvivalCurve } from '#core/latency/survival-curve.js';
import { LatencyWindow } from '#core/latency/window.js';
import { nothingPlanned, offerOf, type Offer } from '#core/spare/offer.js';
import { Spare } from '#core/spare/spare.js';
import { FakeClock } from './fake-clock.js';
import { Instant } from './instant.js';
import { referenceLatency, seeded } from './traffic.js';

type Draw = (random: () => number) => number;

const exponential: Draw = (random) => -50 * Math.log(1 - random());
const reference: Draw = (random) => referenceLatency(random)();

const curves = new Map<Draw, SurvivalCurve>();

function curveOf(draw: Draw): SurvivalCurve {
  let curve = curves.get(draw);
  if (curve === undefined) curves.set(draw, (curve = sampled(draw, 40_000)));
  return curve;
}

function sampled(draw: Draw, samples: number): SurvivalCurve {
  const random = seeded(1);
  const window = new LatencyWindow(60_000, 6);
  for (let sample = 0; sample < samples; sample++) window.record(draw(random), false, 0);
  return kaplanMeier(window.counts(0));
}

const limits = { minMs: 1, worth: 0.2 };
const even: Draw = (random) => 4 + 2 * random();
const plenty = (): number => 1;
const at91 = (curve: SurvivalCurve): number => curve.quantile(0.91) ?? NaN;

describe('an offer', () => {
  it('knows what a copy works and what is planned', () => {
    const curve = curveOf(exponential);
    const { meanMs, hedges } = offerOf(curve, at91(curve), limits, plenty);
    expect(meanMs / 50).toBeCloseTo(1, 1);
    expect(hedges).toBeCloseTo(0.09, 3);
    expect(nothingPlanned(curve)).toEqual({ meanMs, hedges: 0, steps: [] });
  });

  it('of latencies without memory: each hedge more saves half of its work, however soon', () => {
    const curve = curveOf(exponential);
    const { hedges, steps } = offerOf(curve, at91(curve), limits, plenty);
    expect(hedges + steps.reduce((sum, step) => sum + step.hedges, 0)).toBeCloseTo(0.09 * 1.25 ** 7, 2);
    const total = steps.reduce((sum, step) => sum + step.hedges * step.savedMs, 0) / steps.reduce((sum, step) => sum + step.hedges, 0);
    expect(total / 25).toBeCloseTo(1, 1);
  });

  it('has steps that save less and less, and each at least a fifth of its work', () => {
    const slowTail: Draw = (random) => exponential(random) * (random() < 0.1 ? 5 : 1);
    const { steps, meanMs } = offerOf(curveOf(slowTail), 130, limits, plenty);
    const saved = steps.map(({ savedMs }) => savedMs);
    expect(saved.length).toBeGreaterThan(2);
    expect(saved).toEqual([...saved].sort((a, b) => b - a));
    expect(Math.min(...saved)).toBeGreaterThanOrEqual(meanMs / 5);
  });

  it('asks for next to nothing where only a few are slow, and those are hedged already', () => {
    const curve = curveOf(reference);
    const asked = offerOf(curve, at91(curve), limits, plenty).steps.reduce((sum, { hedges }) => sum + hedges, 0);
    expect(asked).toBeLessThan(0.03);
  });

  it.each([
    [0.024, 7],
    [0.026, 0],
  ])('goes sooner only where that is worth it beyond chance: 0.25 ± %d', (error, expected) => {
    const late = { meanMs: 10, savedAt: (ms: number) => ({ share: 0.25, error, savedMs: 5 * Math.exp(-ms) }) };
    const curve = { runningAt: (ms: number) => Math.exp(-ms), quantile: (quantile: number) => -Math.log(1 - quantile), lateTime: () => late };
    expect(offerOf(curve as unknown as SurvivalCurve, 2.4, { ...limits, minMs: 0 }, plenty).steps.reduce((sum, { hedges }) => sum + hedges, 0)).toBeCloseTo(Math.exp(-2.4) * (1.25 ** expected - 1), 6);
  });

  it('goes no further than there is something to be had', () => {
    const curve = curveOf(exponential);
    const asked = (most: number): number => offerOf(curve, at91(curve), limits, () => most).steps.reduce((sum, { hedges }) => sum + hedges, 0);
    expect([asked(0), asked(0.02), asked(0.03)]).toEqual([0, expect.closeTo(0.0225, 3), expect.closeTo(0.0506, 3)]);
  });

  it('keeps to the soonest delay and to `worth`', () => {
    const curve = curveOf(exponential);
    expect(offerOf(curve, 121, { ...limits, minMs: 120 }, plenty).steps).toEqual([]);
    expect(offerOf(curve, 121, { ...limits, worth: 0.6 }, plenty).steps).toEqual([]);
    expect(offerOf(curve, 1e6, limits, plenty)).toMatchObject({ hedges: 0, steps: [] });
  });
});

describe('what routes leave of a budget', () => {
  const PLANNED = 0.09;
  const idle = (meanMs: number): Offer => ({ meanMs, hedges: 0, steps: [] });
  const full = (meanMs: number, ...saved: readonly number[]): Offer => ({ meanMs, hedges: PLANNED, steps: saved.map((savedMs) => ({ hedges: 0.05, savedMs })) });

  /** Hedges per call that each route may send after a while; they stand with their calls per second. */
  function settled(routes: readonly (readonly [Offer, number])[], spare = new Spare(), fromMs = 0): number[] {
    let shares: number[] = [];
    for (let second = 0; second < 60; second++) {
      shares = routes.map(([offer, perSecond], index) => spare.settle(KEYS[index] ?? spare, offer, PLANNED, perSecond, fromMs + 1_000 * second));
    }
    return shares;
  }
  const KEYS = [{}, {}, {}, {}];

  it('is nothing where a route is alone, or all are worth their hedges', () => {
    expect(settled([[full(5, 50, 20), 100]])).toEqual([PLANNED]);
    expect(settled([[full(5, 50, 20), 100], [full(50, 500), 900]])).toEqual([PLANNED, PLANNED]);
  });

  it('goes to others: no more hedges than were planned for all', () => {
    // 100 calls a second leave 9 hedges; 900 would take 45 for each of their steps.
    const [, other = NaN] = settled([[idle(50), 100], [full(5, 50, 20), 900]]);
    expect(900 * (other - PLANNED)).toBeCloseTo(9, 6);
  });

  it('is bounded in work: copies come to no more than five thirds of the share that they are planned to be', () => {
    // Work in ms per second: 900 · 1 and 100 · 100; at most 15 % of it may be copies.
    const [, slow = NaN] = settled([[idle(1), 900], [full(100, 90, 80, 70), 100]]);
    expect(100 * slow * 100).toBeCloseTo(0.15 * (900 + 10_000), 6);
  });

  it('goes first where a hedge saves most for what it costs', () => {
    const [, cheap = NaN, dear = NaN] = settled([[idle(20), 300], [full(20, 40, 30), 300], [full(20, 10), 300]]);
    expect(300 * (cheap - PLANNED)).toBeCloseTo(27, 6);
    expect(dear).toBe(PLANNED);
    const [, alike = NaN, larger = NaN] = settled([[idle(20), 300], [full(5, 10), 300], [full(200, 12), 300]]);
    expect(alike).toBeGreaterThan(larger);
  });

  it('is shared where it is worth the same to several', () => {
    const [, one = NaN, two = NaN] = settled([[idle(20), 100], [full(20, 40), 300], [full(20, 40), 300]]);
    expect(one).toBeCloseTo(two, 6);
    expect(300 * (one + two - 2 * PLANNED)).toBeCloseTo(9, 6);
  });

  it('waits until it is known how many calls a route has', () => {
    const spare = new Spare();
    expect(spare.settle(KEYS, idle(5), PLANNED, 1_000, 0)).toBe(0);
    expect(spare.settle(spare, full(5, 50), PLANNED, 1_000, 0)).toBe(PLANNED);
    expect(spare.settle(spare, full(5, 50), PLANNED, 100, 1_000)).toBe(PLANNED);
    spare.settle(KEYS, idle(5), PLANNED, 100, 1_000);
    expect(spare.settle(spare, full(5, 50), PLANNED, 100, 2_000)).toBeGreaterThan(PLANNED);
  });

  it('is not divided where it is next to nothing', () => {
    const spare = new Spare();
    settled([[idle(5), 4], [full(5, 50), 100]], spare);
    expect(spare.mostFor(KEYS[1] ?? spare, PLANNED, 5)).toBe(0);
    settled([[idle(5), 6], [full(5, 50), 100]], spare);
    expect(spare.mostFor(KEYS[1] ?? spare, PLANNED, 5)).toBeCloseTo(0.06 * PLANNED, 6);
    expect(spare.mostFor({}, PLANNED, 5)).toBe(0);
  });

  it('is gone with the routes that left it: idle, or changed', () => {
    const spare = new Spare();
    const routes = [[idle(5), 700], [full(50, 40), 100]] as const;
    const [, with_ = NaN] = settled(routes, spare);
    expect(with_).toBeGreaterThan(PLANNED);
    expect(spare.settle(KEYS[1] ?? spare, full(50, 40), PLANNED, 100, 78_000)).toBeGreaterThan(PLANNED);
    expect(spare.settle(KEYS[1] ?? spare, full(50, 40), PLANNED, 100, 80_000)).toBe(PLANNED);
    settled(routes, spare);
    spare.withdraw(KEYS[0] ?? spare);
    expect(spare.settle(KEYS[1] ?? spare, full(50, 40), PLANNED, 100, 60_000)).toBe(PLANNED);
  });

  it('adds up the same after many routes came and went', () => {
    const spare = new Spare();
    const random = seeded(7);
    for (let round = 0; round < 20_000; round++) {
      const key = {};
      const nowMs = 100 * round;
      spare.settle(key, random() < 0.5 ? idle(100 * random()) : full(100 * random(), 50 * random()), PLANNED, 10, nowMs);
      spare.settle(key, full(100 * random(), 50 * random()), PLANNED, 10_000 * random(), nowMs + 50);
    }
    const [, other = NaN] = settled([[idle(50), 100], [full(5, 50, 20), 900]], spare, 3e6);
    expect(900 * (other - PLANNED)).toBeCloseTo(9, 4);
  });
});

describe('routes of one origin', () => {
  const narrow: Draw = (random) => 4 + 2 * random();
  const slow: Draw = (random) => exponential(random) * (random() < 0.1 ? 5 : 1);

  /** Three calls of a narrow route for one of a route with a tail, 400 a second; hedged at these delays, in milliseconds. */
  class Origin {
    readonly clock = new FakeClock();
    readonly hedger: Hedger;
    factor = 1;
    private readonly random = seeded(3);

    constructor(options: HedgerOptions = {}) {
      this.hedger = new Hedger({ clock: this.clock, ...options });
    }

    run(calls: number, narrowShare = 0.75): this {
      for (let call = 0; call < calls; call++) {
        const isNarrow = this.random() < narrowShare;
        const draw = isNarrow ? narrow : slow;
        void this.hedger.run({
          request: { method: 'GET', url: `http://a.test/${isNarrow ? 'narrow' : 'tail'}` },
          start: (attempt) => this.start(attempt, this.factor * draw(this.random)),
        });
        this.clock.jump(-2.5 * Math.log(1 - this.random()));
      }
      return this;
    }

    get hedges(): number {
      return this.hedger.stats().attempts.hedge;
    }

    private start(attempt: AttemptContext, ms: number): Instant<object> {
      const answer = new Instant<object>();
      const timer = this.clock.setTimeout(() => answer.resolve({}), ms);
      attempt.onAbort(() => this.clock.clearTimeout(timer));
      return answer;
    }

    delayMs(route = '/tail'): number | undefined {
      return this.hedger.routes().find(({ key }) => key.endsWith(route))?.delayMs;
    }
  }

  it('hedge sooner by what others leave', () => {
    const alone = new Origin().run(20_000, 0).delayMs() ?? NaN;
    const shared = new Origin().run(20_000);
    expect(shared.delayMs()).toBeLessThan(0.85 * alone);
    expect(shared.delayMs('/narrow')).toBeUndefined();
  });

  const asAsked = { delay: { quantile: 0.91 } };

  it.each([
    ['a quantile that was asked for', asAsked],
    ['several hedges', { maxHedges: 2 }],
    ['whatever is late', { worth: 0 }],
  ] as readonly (readonly [string, HedgerOptions])[])('do not with %s', (_, options) => {
    const alone = new Origin(options).run(20_000, 0).delayMs() ?? NaN;
    expect(new Origin(options).run(20_000).delayMs()).toBeGreaterThan(0.9 * alone);
  });

  it('do not while the service is out: next to nothing more is sent than if nothing had been to spare', () => {
    const sent = (options: HedgerOptions): number => {
      const origin = new Origin(options).run(20_000);
      const before = origin.hedges;
      origin.factor = 1_000;
      const calmMs = origin.delayMs() ?? NaN;
      origin.run(1_800); // before the first calls end
      if (options !== asAsked) expect(origin.delayMs()).toBeGreaterThan(1.15 * calmMs);
      return origin.hedges - before;
    };
    const [all, usual] = [sent({}), sent(asAsked)];
    expect(all).toBeLessThan(usual + 4); // those under way when it began
    expect(usual).toBeGreaterThan(0);
  });

  it('do not from the first hedge on that is refused, until one is sent again', () => {
    let isOpen = true;
    const origin = new Origin({ budget: { deposit: () => undefined, tryTake: () => isOpen } }).run(20_000);
    const calmMs = origin.delayMs() ?? NaN;
    const dueUnder = (open: boolean): number => {
      isOpen = open;
      return (origin.run(200).delayMs() ?? NaN) / calmMs;
    };
    expect(dueUnder(false)).toBeGreaterThan(1.15);
    expect(dueUnder(true)).toBeLessThan(1.1);
  });
});

describe('a trigger of several', () => {
  const rule: TriggerRule = { name: 'default', quantile: 0.91, minMs: 1, maxMs: Infinity, worth: 0.2, isOpen: true };

  /** A route without a tail and one with, after ten seconds. */
  function pair(tailRule = rule): { spare: Spare; narrow: Trigger; tail: Trigger; renew: (nowMs: number) => void } {
    const spare = new Spare();
    const [narrow, tail] = [new Trigger(rule, undefined, spare), new Trigger(tailRule, undefined, spare)];
    const known = [curveOf(even), curveOf(exponential)] as const;
    const renew = (nowMs: number): void => {
      for (const [index, trigger] of [narrow, tail].entries()) {
        const curve = known[index] ?? known[0];
        trigger.renew(curve, at91(curve), 250);
        trigger.share(curve, 250, nowMs);
      }
    };
    for (let second = 0; second < 10; second++) renew(1_000 * second);
    return { spare, narrow, tail, renew };
  }
  const plannedMs = at91(curveOf(exponential));

  it('is sooner by what another leaves, and as planned where nothing is to spare', () => {
    const { spare, tail } = pair();
    expect(tail.delayMs).toBeLessThan(0.9 * plannedMs);
    spare.isCalm = false;
    expect(tail.delayMs).toBe(plannedMs);
  });

  it('takes nothing while a tail is new', () => {
    const spare = new Spare();
    const [narrow, tail] = [new Trigger(rule, undefined, spare), new Trigger(rule, undefined, spare)];
    const narrowCurve = curveOf(even);
    const curve = curveOf(exponential);
    const delays: (number | undefined)[] = [];
    for (let second = 0; second < 12; second++) {
      narrow.renew(narrowCurve, at91(narrowCurve), 700);
      narrow.share(narrowCurve, 700, 1_000 * second);
      tail.renew(curve, at91(curve), 100);
      tail.share(curve, 100, 1_000 * second);
      delays.push(tail.delayMs);
    }
    expect(delays.slice(0, 9)).toEqual(Array.from({ length: 9 }, () => plannedMs));
    expect(delays[9]).toBeLessThan(0.9 * plannedMs);
  });

  it('keeps to the limits of the user', () => {
    expect(pair({ ...rule, minMs: 115 }).tail.delayMs).toBeGreaterThanOrEqual(115);
    expect(pair({ ...rule, isOpen: false }).tail.delayMs).toBe(plannedMs);
  });

  it('gives and takes nothing when latency has changed', () => {
    const { narrow, tail, renew } = pair();
    tail.startAfresh();
    expect([tail.delayMs, tail.isSooner]).toEqual([plannedMs, false]);
    // Calls counted, and a thousand of them worth their hedges.
    for (let second = 10; second < 15; second++) renew(1_000 * second);
    expect(tail.delayMs).toBeLessThan(0.9 * plannedMs);
    narrow.startAfresh();
    renew(15_000);
    expect(tail.delayMs).toBe(plannedMs);
  });
});
