import { describe, expect, it } from '@jest/globals';
import type * as machine from '../../packages/cli/src/demo/machine.js';
import { internal } from './internal.js';

const { disturbance, watchProcessors } = (await import(internal('demo/machine.js'))) as typeof machine;

describe('other processes', () => {
  it('are a share of the processors, to which our own work does not count', () => {
    const others = watchProcessors();
    const end = performance.now() + 300;
    while (performance.now() < end);
    const share = others();
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
  });

  it('are worth a warning when they take a quarter of them', () => {
    expect(disturbance(0.24)).toBeUndefined();
    expect(disturbance(0.614)).toMatch(/^Other processes took 61 % of this machine's processors meanwhile\./);
  });
});
