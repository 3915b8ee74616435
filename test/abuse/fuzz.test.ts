import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientNames } from './fuzz/case.js';
import { compact } from './fuzz/compact.js';
import { fuzz } from './fuzz/fuzzer.js';
import { World } from './fuzz/world.js';

/** A few of those that `npm run fuzz` plays by the thousand. */
const CASES = 20;
const SEED = 1;

describe('what a caller sees of a hedged call is what the client by itself makes of one of its attempts', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.stop());

  it.each(clientNames)('%s', async (client) => {
    const { findings, cases } = await fuzz(world, { client, cases: CASES, seed: SEED, atOnce: CASES, mostFindings: Infinity, onProgress: () => undefined });
    expect(cases).toBe(CASES);
    expect(findings.map(({ sort, told, found }) => `${sort}\n${told}\nnpm run fuzz -- --replay '${compact(found)}'`)).toEqual([]);
  }, 60_000);

  it('nothing is thrown that nobody catches', () => {
    expect(world.accidents.orphans).toEqual([]);
  });
});
