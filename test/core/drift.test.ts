import { describe, expect, it } from '@jest/globals';
import { Drift } from '#core/harm/drift.js';
import { instanceName, Instances } from '#core/harm/instances.js';

/** What is expected: a tenth of the primaries takes longer than 10 ms. */
const REFERENCE = { share: 0.1, ms: 10 };

/** Sees periods of a second, each a number of slow and of quick samples, and says how many samples were still true after each; 0: no change. */
function changes(...periods: readonly (readonly [slow: number, quick: number])[]): number[] {
  const drift = new Drift();
  drift.expect([REFERENCE]);
  return periods.map(([slow, quick], index) => {
    for (let sample = 0; sample < slow; sample++) drift.see(20);
    for (let sample = 0; sample < quick; sample++) drift.see(5);
    return drift.contradiction(1_000 * (index + 1))?.length ?? 0;
  });
}

describe('a change of latency', () => {
  it.each([
    ['faster: at once, if chance hardly does that', [[0, 95]], [95]],
    ['faster, but it may be chance', [[0, 94]], [0]],
    ['faster by too little', [[20, 480]], [0]],
    ['faster by enough', [[15, 485]], [256]],
    ['slower: only in the second period, without the first', [[50, 50], [50, 50]], [0, 100]],
    ['slower, with a silence between', [[50, 50], [0, 0], [50, 50]], [0, 0, 100]],
    ['faster by enough, but of too few', [[3, 97]], [0]],
    ['slower by too little', [[100, 400], [100, 400]], [0, 0]],
    ['slower by enough', [[135, 365], [135, 365]], [0, 256]],
    ['slower, without a quick one at all', [[50, 0], [50, 0]], [0, 50]],
    ['slower, as soon as there are 90 samples', [[40, 0], [40, 0], [10, 0]], [0, 0, 50]],
    ['slower, with fewer samples', [[40, 0], [40, 0], [9, 0]], [0, 0, 0]],
    ['slower, so rarely asked that it takes over ten periods', new Array<readonly [number, number]>(14).fill([8, 0]), new Array<number>(14).fill(0)],
    ['slower, then faster', [[50, 50], [0, 50]], [0, 0]],
    ['as expected, for long', [[10, 90], [11, 89], [9, 91], [10, 90]], [0, 0, 0, 0]],
    ['and said once', [[0, 200], [0, 0], [0, 50], [0, 50]], [200, 0, 0, 100 - 50]],
  ] as const)('%s', (_, periods, expected) => {
    expect(changes(...periods)).toEqual(expected);
  });

  it('is looked for once a second, where something is expected', () => {
    const drift = new Drift();
    expect(drift.contradiction(5_000)).toBeUndefined();
    drift.expect([REFERENCE]);
    for (let sample = 0; sample < 200; sample++) drift.see(5);
    expect(drift.contradiction(999)).toBeUndefined();
    expect(drift.contradiction(1_000)).toHaveLength(200);
    for (let sample = 0; sample < 200; sample++) drift.see(5);
    expect(drift.contradiction(1_999)).toBeUndefined();
    expect(drift.contradiction(2_000)).toHaveLength(200);
  });

  it('keeps the latest samples, oldest first, and which of them were cut short', () => {
    const drift = new Drift();
    drift.expect([{ share: 0.1, ms: 1e6 }]);
    for (let sample = 1; sample <= 300; sample++) drift.see(sample);
    expect(drift.contradiction(1_000)).toEqual(Array.from({ length: 256 }, (_, index) => 45 + index));
    const slower = new Drift();
    slower.expect([REFERENCE]);
    for (const nowMs of [1_000, 2_000]) {
      for (let sample = 0; sample < 100; sample++) slower.see(-20);
      expect(slower.contradiction(nowMs)).toEqual(nowMs === 1_000 ? undefined : new Array(100).fill(-20));
    }
  });

  it('keeps no more of them than it takes, in their order', () => {
    const drift = new Drift();
    drift.expect([{ share: 0.1, ms: 1e6 }]);
    for (const nowMs of [1_000, 2_000]) {
      const samples = Array.from({ length: 95 }, (_, index) => nowMs + index);
      for (const sample of samples) drift.see(sample);
      expect(drift.contradiction(nowMs)).toEqual(samples);
    }
  });

  it('is seen in answers that take no time at all', () => {
    const drift = new Drift();
    drift.expect([REFERENCE]);
    for (let sample = 0; sample < 95; sample++) drift.see(0);
    expect(drift.contradiction(1_000)).toHaveLength(95);
  });

  it('is not seen in samples that were cut short early, and what takes exactly as long is not slower', () => {
    const drift = new Drift();
    drift.expect([REFERENCE]);
    for (let sample = 0; sample < 500; sample++) drift.see(-5);
    expect(drift.contradiction(1_000)).toBeUndefined();
    for (let sample = 0; sample < 200; sample++) drift.see(10);
    expect(drift.contradiction(2_000)).toHaveLength(200);
  });

  it('shows in any reference, and others than before begin anew', () => {
    const drift = new Drift();
    const two = [{ share: 0.5, ms: 2 }, REFERENCE];
    drift.expect(two);
    const see = (nowMs: number): number => {
      for (let sample = 0; sample < 100; sample++) drift.see(sample % 2 === 0 ? 20 : 1);
      return drift.contradiction(nowMs)?.length ?? 0;
    };
    expect(see(1_000)).toBe(0);
    drift.expect([...two]);
    expect(see(2_000)).toBe(100);
    expect(see(3_000)).toBe(0);
    drift.expect([REFERENCE]);
    expect(see(4_000)).toBe(0);
    expect(see(5_000)).toBe(100);
  });
});

describe('instances', () => {
  it('are one when thirty answers in a row name it', () => {
    const instances = new Instances();
    for (let answer = 0; answer < 29; answer++) instances.see('a');
    expect(instances.isOne).toBe(false);
    instances.see('a');
    expect(instances.isOne).toBe(true);
    instances.see('b');
    expect(instances.isOne).toBe(false);
    for (let answer = 0; answer < 40; answer++) instances.see(answer % 2 === 0 ? 'a' : 'b');
    expect(instances.isOne).toBe(false);
  });

  it('are named by a header of a bounded length', () => {
    expect([undefined, '', 'a'].map(instanceName)).toEqual([undefined, undefined, 'a']);
    expect(instanceName('a'.repeat(200))).toHaveLength(128);
  });
});
