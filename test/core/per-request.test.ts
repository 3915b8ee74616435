import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { Hedger, type Delay, type HedgeCall } from '@hedgerow/core';
import { Resets } from '@hedgerow/core/adapter';
import { isWorkerd, runLater } from '#core/common/clock.js';
import { OwnTimers } from '#core/timing/own-timers.js';
import { Waiting } from '#core/timing/waiting.js';
import { FakeClock } from './fake-clock.js';

/** A request that a worker answers; what it set in motion ends with it. */
class Visit {
  hasEnded = false;
}

/** Timers and polls belong to the request that set them, as they do in Cloudflare's workerd. */
class VisitClock extends FakeClock {
  readonly isPerRequest = true;
  readonly current = new AsyncLocalStorage<Visit>();
  /** How often a request touched what belongs to another. */
  foreign = 0;
  private readonly owners = new WeakMap<object, Visit>();

  constructor() {
    super();
    const { setTimeout, clearTimeout, afterPoll } = this;
    Object.assign(this, {
      bind: undefined,
      setTimeout: (callback: () => void, delayMs: number) => {
        const visit = this.visit();
        const timer = setTimeout(() => this.within(visit, callback), delayMs) as object;
        this.owners.set(timer, visit);
        return timer;
      },
      clearTimeout: (timer: object) => {
        if (this.owners.get(timer) !== this.visit()) this.foreign++;
        clearTimeout(timer);
      },
      afterPoll: (callback: () => void) => {
        const visit = this.visit();
        afterPoll(() => this.within(visit, callback));
      },
    });
  }

  private visit(): Visit {
    const visit = this.current.getStore();
    if (visit === undefined) throw new Error('there is no request whose timer it could be');
    return visit;
  }

  private within(visit: Visit, callback: () => void): void {
    if (!visit.hasEnded) this.current.run(visit, callback);
  }
}

/** Calls each in a request of its own, which ends as soon as the call has. */
class Worker {
  readonly clock = new VisitClock();
  readonly aborted: string[] = [];
  readonly hedger: Hedger;

  constructor(delay: Delay = 20) {
    this.hedger = new Hedger({ clock: this.clock, budget: false, efficacy: false, worth: 0, delay });
  }

  /** Its attempts answer after so many milliseconds. */
  ask(name: string, attemptsMs: readonly number[]): Promise<string> {
    const visit = new Visit();
    const call: HedgeCall<string> = {
      request: { method: 'GET', url: 'http://service.test/items' },
      start: async (attempt) => {
        const { number } = attempt;
        attempt.onAbort(() => void this.aborted.push(`${name}.${number}`));
        await new Promise<void>((resolve) => this.clock.setTimeout(resolve, attemptsMs[number] ?? 1e6));
        return `${name}.${number}`;
      },
      discard: () => undefined,
    };
    return this.clock.current.run(visit, async () => {
      try {
        return await this.hedger.run(call);
      } finally {
        visit.hasEnded = true;
      }
    });
  }
}

describe('where timers end with the request that set them', () => {
  it('no call waits for the timer of another', async () => {
    const worker = new Worker();
    const first = worker.ask('first', [5]);
    const slow = Array.from({ length: 10 }, (_, index) => worker.ask(`slow${index}`, [1e5, 3]));
    await worker.clock.advance(30);
    expect(await first).toBe('first.0');
    expect(await Promise.all(slow)).toEqual(slow.map((_, index) => `slow${index}.1`));
    expect(worker.aborted).toEqual(slow.map((_, index) => `slow${index}.0`));
    expect(worker.clock.foreign).toBe(0);
  });

  it('one that comes later, and one that ends meanwhile, change nothing', async () => {
    const worker = new Worker();
    const answers = [worker.ask('early', [1e5, 3])];
    for (let index = 0; index < 40; index++) {
      answers.push(worker.ask(String(index), index % 7 === 0 ? [1e5, 1] : [index % 5]));
      await worker.clock.advance(3);
    }
    await worker.clock.advance(50);
    await Promise.all(answers);
    expect(worker.hedger.stats()).toMatchObject({ hedged: 7, wins: { hedge: 7, primary: 34 }, activeHedges: 0 });
    expect(worker.clock.foreign).toBe(0);
  });

  it('delays are learnt and renewed, although what is left for later ends as well', async () => {
    const worker = new Worker({ quantile: 0.9 });
    const { clock, hedger } = worker;
    const ask = async (ms: number, count: number): Promise<void> => {
      for (let index = 0; index < count; index++) {
        const answer = worker.ask('one', [ms]);
        await clock.advance(ms);
        await answer;
      }
    };
    await ask(10, 400);
    expect(hedger.routes()[0]?.delayMs).toBeCloseTo(10, -0.5);
    await ask(40, 4_000);
    expect(hedger.routes()[0]?.delayMs).toBeCloseTo(40, -0.5);
  });

  it('losers of a shared connection do not wait for each other', () => {
    const resets = new Resets(new VisitClock(), 0.01);
    let cancelled = 0;
    for (let count = 0; count < 3; count++) resets.cancel('http://service.test', { hasEnded: false, cancel: () => (cancelled += 1) });
    expect(cancelled).toBe(3);
  });

  it('what can wait runs once the call has settled, in its own request', async () => {
    const order: string[] = [];
    runLater(new VisitClock(), () => order.push('later'));
    order.push('now');
    await Promise.resolve();
    expect(order).toEqual(['now', 'later']);
  });
});

describe('timers of their own', () => {
  class Told extends Waiting {
    readonly toldAtMs: number[] = [];

    override onDue(nowMs: number): void {
      this.toldAtMs.push(nowMs);
    }
  }

  it('tell each once, when it is due, and none that was removed', async () => {
    const clock = new FakeClock();
    const timers = new OwnTimers(clock);
    const [kept, removed, again] = [new Told(), new Told(), new Told()];
    const fromMs = clock.now();
    timers.remove(removed);
    timers.add(kept, fromMs + 20, fromMs);
    timers.add(removed, fromMs + 20, fromMs);
    timers.add(again, fromMs + 10, fromMs);
    await clock.advance(5);
    timers.remove(removed);
    timers.remove(again);
    timers.add(again, fromMs + 30, clock.now());
    await clock.advance(1_000);
    expect([kept, removed, again].map(({ toldAtMs }) => toldAtMs.map((ms) => ms - fromMs))).toEqual([[20], [], [30]]);
    expect([kept, removed, again].some(({ isWaiting }) => isWaiting)).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('look at sockets first: what is removed then is not told', () => {
    const polls: (() => void)[] = [];
    const clock = Object.assign(new FakeClock(), { afterPoll: (callback: () => void) => void polls.push(callback) });
    const timers = new OwnTimers(clock);
    const told = new Told();
    timers.add(told, clock.now() + 20, clock.now());
    clock.jump(20);
    expect([told.toldAtMs, polls.length]).toEqual([[], 1]);
    timers.remove(told);
    polls[0]?.();
    expect(told.toldAtMs).toEqual([]);
  });

  it('wait again when they fire too early, and for longer than a timer lasts', async () => {
    const clock = new FakeClock();
    const timers = new OwnTimers(clock);
    const told = new Told();
    const dueAtMs = clock.now() + 2 ** 32;
    timers.add(told, dueAtMs, clock.now());
    await clock.advance(2 ** 32 - 1);
    expect(told.toldAtMs).toEqual([]);
    await clock.advance(1);
    expect(told.toldAtMs).toEqual([dueAtMs]);
  });
});

it.each([
  [{ navigator: { userAgent: 'Cloudflare-Workers' } }, true],
  [{ navigator: { userAgent: 'Node.js/24' } }, false],
  [{ navigator: undefined }, false],
  [{}, false],
])('workerd is told by its name: %j', (surroundings, expected) => {
  expect(isWorkerd(surroundings)).toBe(expected);
});
