import { describe, expect, it } from '@jest/globals';
import { Hedger, hedgeInfo, type CallOptions, type HedgerChanges } from '@hedgerow/core';
import { hedgerFor } from '@hedgerow/core/adapter';
import { Stage } from './stage.js';

/** Fast calls of one route, until its latency is known. */
async function learn(stage: Stage, calls = 300): Promise<void> {
  for (let call = 0; call < calls; call++) {
    void stage.run([{ ms: 1 + (call % 10) }]);
    await stage.clock.advance(20);
  }
}

/** A call whose primary is slow, and whether a hedge answered. */
async function isHedged(stage: Stage, options?: CallOptions): Promise<boolean> {
  const call = stage.hedger.run(stage.call([{ ms: 500 }, { ms: 1 }]), options);
  await stage.clock.advance(1_000);
  return (await call).from === 1;
}

describe('configure()', () => {
  it('turns hedging off, to shadow, and on again', async () => {
    const stage = new Stage({ delay: 10 });
    const seen: unknown[] = [];
    for (const mode of ['on', 'off', 'shadow', 'on'] as const) {
      stage.hedger.configure({ mode });
      seen.push([mode, await isHedged(stage)]);
    }
    expect(seen).toEqual([['on', true], ['off', false], ['shadow', false], ['on', true]]);
    expect(stage.hedger.stats()).toMatchObject({ calls: 4, eligible: 3, hedged: 2, suppressions: { shadow: 1 } });
  });

  it('reaches clients that resolved their options before, and calls whose options are one object', async () => {
    const stage = new Stage({ delay: 10 });
    const { defaults } = hedgerFor(stage.hedger, { timeoutMs: 5_000 });
    const perCall = { worth: 0 };
    const resolved = stage.hedger.resolve(perCall, defaults);
    for (const expected of [true, false, true, false]) {
      stage.hedger.configure({ mode: expected ? 'on' : 'off' });
      expect([await isHedged(stage, defaults), await isHedged(stage, perCall), await isHedged(stage, resolved)]).toEqual([expected, expected, expected]);
      expect(stage.hedger.resolve(perCall, defaults)).toMatchObject({ mode: expected ? 'on' : 'off', timeoutMs: 5_000 });
    }
  });

  it('leaves alone what a client or a call says itself', async () => {
    const stage = new Stage({ delay: 10 });
    const { defaults } = hedgerFor(stage.hedger, { delay: 20 });
    stage.hedger.configure({ delay: 50, mode: 'off' });
    expect(await isHedged(stage, { mode: 'on' })).toBe(true);
    expect(stage.hedger.resolve({ mode: 'on' }, defaults)).toMatchObject({ mode: 'on', delay: { delaysMs: [20] } });
    expect(stage.hedger.resolve(undefined)).toMatchObject({ mode: 'off', delay: { delaysMs: [50] } });
  });

  it('changes the delay of the calls to come, and the number of hedges that it lists', async () => {
    const stage = new Stage({ delay: 10 });
    stage.hedger.configure({ delay: [20, 40] });
    const call = stage.run([{ ms: 500 }, { ms: 500 }, { ms: 1 }]);
    await stage.clock.advance(100);
    expect(hedgeInfo(await call)).toMatchObject({ delayMs: 20, winner: 2 });
  });

  it.each(['off', 'shadow'] as const)('to %s lets no hedge out of calls under way', async (mode) => {
    const stage = new Stage({ delay: [10, 30] });
    const call = stage.run([{ ms: 500 }, { ms: 500 }]);
    await stage.clock.advance(20);
    expect(stage.started).toHaveLength(2);
    stage.hedger.configure({ mode });
    await stage.clock.advance(1_000);
    expect(hedgeInfo(await call)).toMatchObject({ attempts: 2, suppressionReason: mode === 'shadow' ? 'shadow' : undefined });
  });

  it('keeps what was learnt, however often it switches', async () => {
    const stage = new Stage();
    await learn(stage);
    const before = stage.hedger.routes();
    expect(before[0]?.samples).toBe(300);
    for (const mode of ['off', 'shadow', 'on'] as const) stage.hedger.configure({ mode, budget: { ratio: 0.1 } });
    expect(stage.hedger.routes()).toEqual(before);
    stage.hedger.configure({ delay: { quantile: 0.8 }, budget: false });
    expect(await isHedged(stage, { worth: 0 })).toBe(true);
  });

  it('lets the default delay follow the budget', () => {
    const hedger = new Hedger();
    hedger.configure({ budget: { ratio: 0.5 } });
    expect(hedger.resolve(undefined).delay).toMatchObject({ rules: [{ quantile: 0.55 }] });
  });

  it('leaves what is not given as it is', () => {
    const hedger = new Hedger({ delay: 10, mode: 'shadow', budget: { ratio: 0.2, burst: 7 } });
    hedger.configure({});
    hedger.configure({ mode: undefined, delay: undefined, budget: undefined });
    expect(hedger.resolve(undefined)).toMatchObject({ mode: 'shadow', delay: { delaysMs: [10] } });
    expect(hedger.stats().budget?.limit).toBe(7);
  });

  it('cannot wake what was disposed', async () => {
    const stage = new Stage({ delay: 10 });
    stage.hedger.dispose();
    stage.hedger.configure({ mode: 'on', delay: 0 });
    expect(await isHedged(stage)).toBe(false);
    expect(stage.hedger.ineligible({ method: 'GET', url: 'http://a.test' })).toBe('disposed');
  });

  const valid = { mode: 'off', budget: { ratio: 0.9 }, delay: 77 } as const;
  it.each([
    ['mode', { ...valid, mode: 'of' }],
    ['delay', { ...valid, delay: '50ms' }],
    ['delay', { ...valid, delay: -1 }],
    ['delay.quantile', { ...valid, delay: { quantile: 90 } }],
    ['budget.ratio', { ...valid, budget: { ratio: 2 } }],
    ['budget.tryTake', { ...valid, budget: { deposit: (): void => undefined, tryTake: true } }],
    ['budget.requestsPerSecond', { ...valid, budget: { requestsPerSecond: 0, ratio: 0.1 } }],
  ])('refuses a bad `%s` as at creation, and then has changed nothing', (option, changes) => {
    const hedger = new Hedger({ delay: 10, budget: { burst: 7 } });
    const before = hedger.resolve(undefined);
    const bad = changes as HedgerChanges;
    const atCreation = thrownBy(() => new Hedger(bad));
    expect(thrownBy(() => hedger.configure(bad))).toEqual(atCreation);
    expect(String(atCreation)).toContain(`\`${option}\``);
    expect(hedger.resolve(undefined)).toBe(before);
    expect(hedger.stats().budget?.limit).toBe(7);
  });

  it.each([
    [{ worth: 0 }, 'unknown option `worth`; known are mode, budget, delay'],
    ['off', 'option `options` must be an object, got "off"'],
    [undefined, 'option `options` must be an object, got undefined'],
  ])('refuses %j', (changes, message) => {
    expect(() => new Hedger().configure(changes as never)).toThrow(new TypeError(`hedgerow: ${message}`));
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
