import { LogCollapsingLowestDenseDDSketch } from '@datadog/sketches-js';
import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { bucketOf, GAMMA, Sketch } from '#core/latency/sketch.js';

type Counts = readonly (readonly [bucket: number, count: number])[];

function used({ bins, offset }: { readonly bins: ArrayLike<number>; readonly offset: number }): Counts {
  return Array.from(bins, (count, index): [number, number] => [offset + index, count]).filter(([, count]) => count > 0);
}

/** What the library that hedgerow used before counts. */
function reference(values: readonly number[]): Counts {
  const sketch = new LogCollapsingLowestDenseDDSketch({ relativeAccuracy: 0.01, binLimit: 576 });
  for (const value of values) sketch.accept(value);
  return used(sketch.store);
}

function counted(values: readonly number[]): Sketch {
  const sketch = new Sketch();
  for (const value of values) sketch.accept(value);
  return sketch;
}

describe('a sketch', () => {
  const wide = fc.double({ min: Math.log(1e-3), max: Math.log(1e9), noNaN: true }).map(Math.exp);
  const narrow = fc.double({ min: 1, max: 50, noNaN: true });

  it.each([
    ['of what is alike', fc.array(narrow, { maxLength: 200 })],
    ['of twelve decades, which collapse', fc.array(wide, { maxLength: 200 })],
    ['of both', fc.array(fc.oneof(wide, narrow), { maxLength: 400 })],
  ])('%s counts as @datadog/sketches-js does', (_name, values) => {
    fc.assert(
      fc.property(values, (drawn) => {
        const sketch = counted(drawn);
        expect(used(sketch)).toEqual(reference(drawn));
        expect(sketch.count).toBe(drawn.length);
      }),
      { numRuns: 300 },
    );
  });

  it('knows each number to within 1 %', () => {
    fc.assert(
      fc.property(wide, (value) => {
        const middle = (2 * GAMMA ** bucketOf(value)) / (1 + GAMMA);
        expect(Math.abs(middle - value) / value).toBeLessThanOrEqual(0.01 + 1e-9);
      }),
    );
  });

  it('makes room for 128 buckets at once', () => {
    expect(counted([]).bins.length).toBe(0);
    expect(counted([5]).bins.length).toBe(128);
    expect(counted([1, GAMMA ** 127]).bins.length).toBe(128);
    expect(counted([1, GAMMA ** 128]).bins.length).toBe(256);
  });

  it('has at most 576 buckets, of which the lowest takes what is below', () => {
    const sketch = counted(Array.from({ length: 1_200 }, (_, index) => GAMMA ** (index - 600)));
    expect(sketch.bins.length).toBe(576);
    expect(used(sketch)).toHaveLength(576);
    expect(sketch.bins[0]).toBe(1_200 - 575);
    sketch.accept(1e-3);
    expect(sketch.bins[0]).toBe(1_200 - 574);
  });
});
