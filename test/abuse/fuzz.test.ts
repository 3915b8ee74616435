import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { clientNames, type ClientName } from './fuzz/case.js';
import { compact } from './fuzz/compact.js';
import { fuzz, type Tally } from './fuzz/fuzzer.js';
import { World } from './fuzz/world.js';

/** A few of those that `npm run fuzz` plays by the thousand. */
const CASES = 20;
const SEED = 1;

describe('what a caller sees of a hedged call is what the client by itself makes of one of its attempts', () => {
  let world: World;
  const tallies = new Map<ClientName, Tally>();

  beforeAll(async () => {
    world = await World.start();
    const play = async (client: ClientName): Promise<void> => {
      tallies.set(client, await fuzz(world, { client, cases: CASES, seed: SEED, atOnce: 4, mostFindings: Infinity, onProgress: () => undefined }));
    };
    await Promise.all(clientNames.map(play));
  }, 120_000);
  afterAll(() => world.stop());

  it.each(clientNames)('%s', (client) => {
    const { cases, findings = [] } = tallies.get(client) ?? {};
    expect(cases).toBe(CASES);
    expect(findings.map(({ sort, told, found }) => `${sort}\n${told}\nnpm run fuzz -- --replay '${compact(found)}'`)).toEqual([]);
  });

  it('throws nothing that nobody catches', () => {
    expect(world.accidents.orphans).toEqual([]);
  });
});
