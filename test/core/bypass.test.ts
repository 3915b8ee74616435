import { describe, expect, it, jest } from '@jest/globals';
import { hedgeInfo, type HedgeCall, type IneligibleReason } from '@hedgerow/core';
import { Stage, type Answer, type Script } from './stage.js';

/** One call that is not hedged, and the reasons that an observer was told. */
function alone(script: Script, extra: Partial<HedgeCall<Answer>> = {}): { stage: Stage; call: Promise<Answer>; reasons: IneligibleReason[] } {
  const stage = new Stage();
  const reasons: IneligibleReason[] = [];
  stage.hedger.observe({ onBypass: (_, reason) => void reasons.push(reason) });
  const call = stage.hedger.run(stage.call([script], extra), false);
  call.catch(() => undefined);
  return { stage, call, reasons };
}

describe('a call that is not hedged', () => {
  it('says so, and how long it took', async () => {
    const { stage, call, reasons } = alone({ ms: 30 });
    await stage.clock.advance(100);
    expect(hedgeInfo(await call)).toEqual({
      eligible: false,
      ineligibleReason: 'disabled',
      attempts: 1,
      winner: 0,
      isHedge: false,
      delayMs: undefined,
      durationMs: 30,
      attemptDurationsMs: [30],
      suppressionReason: undefined,
      collision: false,
      key: 'GET http://service.test/items/:id',
    });
    expect(reasons).toEqual(['disabled']);
  });

  it('has what is raced in its key, and carries its own error', async () => {
    const { stage, call } = alone({ ms: 30, error: new Error('own') }, { raceUntil: 'headers' });
    await stage.clock.advance(100);
    const error: unknown = await call.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: 'own' });
    expect(hedgeInfo(error)).toMatchObject({ durationMs: 30, key: 'GET http://service.test/items/:id (headers)' });
  });

  it('follows its caller’s signal, until its answer has been read', async () => {
    const controller = new AbortController();
    const removed = jest.spyOn(controller.signal, 'removeEventListener');
    let release = (): void => undefined;
    const { stage, call } = alone({ ms: 30 }, { signal: controller.signal, whenReleased: (_, free) => void (release = free) });
    await stage.clock.advance(50);
    await call;
    expect(removed).not.toHaveBeenCalled();
    controller.abort('enough');
    expect(stage.started[0]?.reason).toBe('enough');
    release();
    expect(removed).toHaveBeenCalledWith('abort', expect.anything());
  });

  it.each([[{ ms: 30 }], [{ ms: 30, error: new Error('own') }]])('lets go of it at its end: %j', async (script) => {
    const controller = new AbortController();
    const { stage, call } = alone(script, { signal: controller.signal });
    await stage.clock.advance(50);
    if ('error' in script) await expect(call).rejects.toBe(script.error);
    else await expect(call).resolves.toMatchObject({ from: 0 });
    controller.abort('enough');
    expect(stage.started[0]?.aborted).toBe(false);
  });

  it('is aborted while under way, or from the start', async () => {
    const controller = new AbortController();
    const { stage, call } = alone({ ms: 30 }, { signal: controller.signal });
    await stage.clock.advance(10);
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    const again = alone({ ms: 30 }, { signal: controller.signal });
    await again.stage.clock.advance(10);
    await expect(again.call).rejects.toThrow('enough');
    expect(again.stage.started[0]?.aborted).toBe(true);
  });

  it('needs no signal to be let go of', async () => {
    const whenReleased = jest.fn();
    const { stage, call } = alone({ ms: 30 }, { whenReleased });
    await stage.clock.advance(50);
    await call;
    expect(whenReleased).not.toHaveBeenCalled();
  });
});
