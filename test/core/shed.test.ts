import { describe, expect, it } from '@jest/globals';
import { hedgeInfo, type HedgerOptions } from '@hedgerow/core';
import { parseShed } from '#core/budget/shed.js';
import { Stage, type Script } from './stage.js';

const BUSY: Script = { ms: 1, status: 503, headers: { 'hedge-shed': 'busy;wait=500' } };
const MET: Script = { ms: 1, status: 503, headers: { 'hedge-shed': 'collision' } };

const stageOf = (options: HedgerOptions = {}): Stage => new Stage({ delay: 10, markHedges: true, ...options });

describe('a hedge that its server has shed', () => {
  it.each([BUSY, MET])('is never the outcome of its call, whatever the user accepts: %j', async (shed) => {
    const stage = stageOf({ accept: () => true });
    const call = stage.run([{ ms: 50 }, shed]);
    await stage.clock.advance(60);
    const answer = await call;
    expect(answer).toMatchObject({ from: 0, status: 200 });
    expect(hedgeInfo(answer)).toMatchObject({ winner: 0, attempts: 2, suppressionReason: 'shed', collision: shed === MET });
    expect(stage.hedger.stats()).toMatchObject({ suppressions: { shed: 1 }, activeHedges: 0, failed: 0, wins: { primary: 1, hedge: 0 }, collisions: shed === MET ? 1 : 0 });
    expect(stage.discarded).toHaveLength(1);
  });

  it('leaves its call as it would be without it when the primary fails', async () => {
    for (const primary of [{ ms: 50, status: 500 }, { ms: 50, error: new Error('broken') }] as const) {
      const stage = stageOf();
      const call = stage.run([primary, BUSY]);
      await stage.clock.advance(60);
      if ('error' in primary) await expect(call).rejects.toBe(primary.error);
      else expect(await call).toMatchObject({ from: 0, status: 500 });
    }
  });

  it('ends a call whose primary has failed before', async () => {
    const stage = stageOf();
    const call = stage.run([{ ms: 12, status: 502 }, { ...BUSY, ms: 20 }]);
    await stage.clock.advance(40);
    expect(await call).toMatchObject({ from: 0, status: 502 });
  });

  it('holds hedging back at its origin for as long as was said, and no primary', async () => {
    const stage = stageOf();
    void stage.run([{ ms: 50 }, BUSY]);
    await stage.clock.advance(60);
    const held = stage.run([{ ms: 50 }, { ms: 1 }]);
    expect(stage.started).toHaveLength(3);
    await stage.clock.advance(60);
    expect(hedgeInfo(await held)).toMatchObject({ attempts: 1, suppressionReason: 'pushback' });
    await stage.clock.advance(500);
    const later = stage.run([{ ms: 50 }, { ms: 1 }]);
    await stage.clock.advance(60);
    expect(await later).toMatchObject({ from: 1 });
  });

  it('that met its primary holds nobody back', async () => {
    const stage = stageOf();
    void stage.run([{ ms: 50 }, MET]);
    await stage.clock.advance(60);
    const next = stage.run([{ ms: 50 }, { ms: 1 }]);
    await stage.clock.advance(60);
    expect(await next).toMatchObject({ from: 1 });
  });

  it('is told to observers as what it is', async () => {
    const stage = stageOf();
    const outcomes: unknown[] = [];
    stage.hedger.observe({ onCall: () => ({ onAttemptEnd: ({ outcome }) => outcomes.push(outcome) }) });
    void stage.run([{ ms: 50 }, BUSY]);
    await stage.clock.advance(60);
    expect(outcomes).toEqual(['shed', 'won']);
  });

  it('is believed of nobody who was not told of hedges, nor of a primary, nor with another status', async () => {
    const told = async (options: HedgerOptions, scripts: readonly Script[]): Promise<number> => {
      const stage = stageOf(options);
      void stage.run(scripts);
      await stage.clock.advance(60);
      return stage.hedger.stats().suppressions.shed;
    };
    expect(await told({ markHedges: false }, [{ ms: 50 }, BUSY])).toBe(0);
    expect(await told({ markHedges: 'x-copy' }, [{ ms: 50 }, BUSY])).toBe(0);
    expect(await told({}, [{ ...BUSY, ms: 30 }, { ms: 50 }])).toBe(0);
    expect(await told({}, [{ ms: 50 }, { ...BUSY, status: 200 }])).toBe(0);
    expect(await told({}, [{ ms: 50 }, BUSY])).toBe(1);
  });

  it.each([
    ['busy', { isCollision: false, waitMs: 0 }], ['busy;wait=70', { isCollision: false, waitMs: 70 }], ['collision', { isCollision: true, waitMs: 0 }], ['busy;wait=99999999', { isCollision: false, waitMs: 3_600_000 }],
    ['', undefined], [undefined, undefined], ['busy;wait=-1', undefined], ['busy;wait=999999999', undefined], ['idle', undefined], ['busy, busy', undefined],
  ])('%j', (text, shed) => {
    expect(parseShed(text)).toEqual(shed);
  });
});
