import { describe, expect, it, jest } from '@jest/globals';
import { hedgeInfo, type HedgeEvent, type SuppressionReason } from '@hedgerow/core';
import { Stage } from './stage.js';

describe("mode: 'shadow'", () => {
  it('decides, counts and reports a hedge, and does not send it', async () => {
    const events: HedgeEvent[] = [];
    const suppressed: SuppressionReason[] = [];
    const stage = new Stage({ mode: 'shadow', delay: 10, onHedge: (event) => void events.push(event) });
    stage.hedger.observe({ onCall: () => ({ onSuppressed: (reason) => void suppressed.push(reason) }) });
    const call = stage.run([{ ms: 100 }, { ms: 1 }]);
    await stage.clock.advance(200);
    const answer = await call;
    expect(answer).toMatchObject({ from: 0 });
    expect(hedgeInfo(answer)).toMatchObject({ eligible: true, attempts: 1, delayMs: 10, suppressionReason: 'shadow' });
    expect(stage.started).toHaveLength(1);
    expect(events).toMatchObject([{ number: 1, delayMs: 10, isShadow: true }]);
    expect(suppressed).toEqual(['shadow']);
    expect(stage.hedger.stats()).toMatchObject({ hedged: 0, attempts: { hedge: 0 }, suppressions: { shadow: 1 }, activeHedges: 0 });
  });

  it('takes from the budget and is refused by it as a real hedge would be', async () => {
    const stage = new Stage({ mode: 'shadow', delay: 10, budget: { ratio: 0.1, burst: 1 } });
    for (let call = 0; call < 5; call++) void stage.run([{ ms: 100 }]);
    await stage.clock.advance(200);
    expect(stage.hedger.stats().suppressions).toMatchObject({ shadow: 1, budget_exhausted: 4 });
  });

  it('counts shadows as under way until their call is over', async () => {
    const stage = new Stage({ mode: 'shadow', delay: 10, maxConcurrentHedges: 2 });
    for (let call = 0; call < 3; call++) void stage.run([{ ms: 100 }]);
    await stage.clock.advance(200);
    expect(stage.hedger.stats().suppressions).toMatchObject({ shadow: 2, concurrency: 1 });
    for (let call = 0; call < 2; call++) void stage.run([{ ms: 100 }]);
    await stage.clock.advance(200);
    expect(stage.hedger.stats().suppressions).toMatchObject({ shadow: 4, concurrency: 1 });
  });

  it('returns a failed primary at once, hedgeOnFailure or not', async () => {
    const stage = new Stage({ mode: 'shadow', delay: 50, hedgeOnFailure: true });
    const call = stage.run([{ ms: 10, status: 500 }, { ms: 1 }]);
    await stage.clock.advance(20);
    expect(await call).toMatchObject({ status: 500 });
    expect(stage.hedger.stats().suppressions.shadow).toBe(1);
    expect(stage.clock.pending).toBe(0);
  });

  it('says of a call in which nothing won that there is nothing to compare with', async () => {
    const stage = new Stage({ mode: 'shadow', delay: 10 });
    const told = jest.spyOn(stage.hedger.state.savings, 'shadow');
    for (const status of [500, 200]) {
      void stage.run([{ ms: 100, status }]);
      await stage.clock.advance(200);
    }
    expect(told.mock.calls).toEqual([[expect.anything(), [10], false, 100], [expect.anything(), [10], true, 100]]);
  });

  it('may be set for one call, or taken back', async () => {
    const stage = new Stage({ mode: 'shadow', delay: 10 });
    const call = stage.run([{ ms: 100 }, { ms: 1 }], { mode: 'on' });
    await stage.clock.advance(200);
    expect(await call).toMatchObject({ from: 1 });
  });
});

describe("mode: 'off'", () => {
  it('sends a call its own way and says why', async () => {
    const stage = new Stage({ mode: 'off', delay: 0 });
    const call = stage.run([{ ms: 100 }]);
    await stage.clock.advance(200);
    expect(hedgeInfo(await call)).toMatchObject({ eligible: false, ineligibleReason: 'off', attempts: 1 });
    expect(stage.hedger.stats()).toMatchObject({ calls: 1, eligible: 0 });
    expect(stage.hedger.ineligible({ method: 'GET', url: 'http://a.test' })).toBe('off');
  });
});
