import { describe, expect, it } from '@jest/globals';
import type * as usefulness from '../../packages/core/src/harm/usefulness.js';
import type * as estimates from '../../packages/core/src/latency/kaplan-meier.js';
import type * as windows from '../../packages/core/src/latency/window.js';
import { internal } from './internal.js';
import { referenceLatency, seeded } from './traffic.js';

const { isUseful } = (await import(internal('harm/usefulness.js'))) as typeof usefulness;
const { kaplanMeier } = (await import(internal('latency/kaplan-meier.js'))) as typeof estimates;
const { LatencyWindow } = (await import(internal('latency/window.js'))) as typeof windows;

function curveOf(latencyMs: () => number) {
  const window = new LatencyWindow(60_000, 6);
  for (let sample = 0; sample < 20_000; sample++) window.record(latencyMs(), false, 0);
  return kaplanMeier(window.counts(0));
}

const random = seeded(1);
/** 8 to 16 ms, and one in ten waits for what is left of a stall of 150 ms. */
const stalling = curveOf(() => 8 + 8 * random() + (random() < 0.1 ? 134 * random() : 0));
const reference = curveOf(referenceLatency(seeded(2)));

describe('a hedge that won was of use', () => {
  it.each([
    [stalling, 17, 9],
    [stalling, 17, 15],
    [reference, 9, 3],
    [reference, 9, 7],
    [reference, 15, 7],
  ])('if it took as long as primaries do', (latency, delayMs, tookMs) => {
    expect(isUseful(latency, delayMs, tookMs)).toBe(true);
  });

  it.each([40, 70, 100, 130])('but not if it took as long (%d ms) as its primary had left', (tookMs) => {
    expect(isUseful(stalling, 17, tookMs)).toBe(false);
  });

  it('if it took longer than most, and its primary would have taken far longer', () => {
    const split = curveOf(() => (random() < 0.05 ? 1_000 + 500 * random() : 3 + 4 * random()));
    expect(isUseful(split, 8, 60)).toBe(true);
    expect(isUseful(split, 8, 1_200)).toBe(false);
  });

  it.each([3, 7, 50])('whatever it took (%d ms), if it was sent with its primary or soon after', (tookMs) => {
    expect(isUseful(reference, 0, tookMs)).toBe(true);
    expect(isUseful(reference, 2, tookMs)).toBe(true);
  });

  it('by nothing that is known, if no primary ever took so long', () => {
    const short = curveOf(() => 8 + 8 * random());
    expect(isUseful(short, 15, 100)).toBe(false);
    expect(isUseful(short, 15, 10)).toBe(true);
  });
});
