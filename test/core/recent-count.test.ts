import { describe, expect, it } from '@jest/globals';
import { RecentCount } from '#core/common/recent-count.js';
import { seeded } from './traffic.js';

describe('a count of the recent past', () => {
  it('forgets in steps of a slot', () => {
    const count = new RecentCount(100, 10);
    for (const atMs of [0, 5, 10, 15, 15, 95]) count.add(atMs);
    expect([95, 99, 100, 109, 110, 189, 190, 200].map((nowMs) => count.total(nowMs))).toEqual([6, 6, 4, 4, 1, 1, 0, 0]);
  });

  it('forgets everything in a long silence, and begins anew', () => {
    const count = new RecentCount(100, 10);
    for (let atMs = 0; atMs < 100; atMs++) count.add(atMs);
    expect(count.total(10_000)).toBe(0);
    count.add(10_005);
    count.add(10_015);
    expect([10_020, 10_100, 10_110].map((nowMs) => count.total(nowMs))).toEqual([2, 1, 0]);
  });

  it('is the count of the slots within the window, whatever happens', () => {
    const random = seeded(3);
    const count = new RecentCount(60, 6);
    const seen: number[] = [];
    let nowMs = 1_000;
    for (let event = 0; event < 300; event++) {
      nowMs += random() < 0.1 ? 100 * random() : 5 * random();
      count.add(nowMs);
      seen.push(nowMs);
      const slot = (ms: number): number => Math.floor(ms / 10);
      expect(count.total(nowMs)).toBe(seen.filter((ms) => slot(ms) > slot(nowMs) - 6).length);
    }
  });
});
