import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IS_ONE_REALM } from '../contract/connect-driver.js';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import type { CellPlan, CellResult } from './faults/cell.js';
import { clientNames } from './faults/clients.js';
import { endsByTimeout, matrix, type Expected } from './faults/matrix.js';
import { page } from './faults/page.js';
import { World } from './faults/world.js';

/** Cases that exist. */
const cases = matrix.filter(({ outcome }) => outcome !== '-');

/** OpenSearch's client listens for errors until the head has come: before 3.6, an answer that breaks off later ends the process. */
function endsProcess({ client, where }: Expected): boolean {
  return client.startsWith('OpenSearch') && where === 'body';
}

/** What the client may say of it. Where there are two realms, all that Node throws is Internal to Connect. */
function failuresOf({ client, failures }: Expected): readonly string[] {
  return client.startsWith('Connect') && !IS_ONE_REALM ? [...failures, 'INTERNAL'] : failures;
}

describe('every fault, whomever it strikes and wherever', () => {
  let world: World;
  let rejections: RejectionCounter;
  const results = new Map<Expected, { readonly hedged: CellResult; readonly alone: CellResult | undefined }>();

  beforeAll(async () => {
    rejections = countUnhandledRejections();
    world = await World.start();
    // What fails is also tried without hedging. All of it at once: most of the time is spent waiting.
    const failing = cases.filter((each) => each.outcome === 'F' && each.who === 'both' && !endsProcess(each));
    const alone = failing.map((each): CellPlan => ({ ...each, who: 'alone', endsByTimeout: endsByTimeout(each) }));
    const hedged = cases.map((each): CellPlan => ({ ...each, endsByTimeout: endsByTimeout(each) }));
    const played = await world.play([...hedged, ...alone]);
    for (const [index, each] of cases.entries()) {
      const twin = failing.findIndex(({ fault, where, client }) => fault === each.fault && where === each.where && client === each.client);
      const [result, plain] = [played[index], twin < 0 ? undefined : played[cases.length + twin]];
      if (result !== undefined) results.set(each, { hedged: result, alone: plain });
    }
  }, 300_000); // it is the whole matrix

  afterAll(() => world.close());

  describe.each(clientNames)('%s', (client) => {
    it.each(cases.filter((each) => each.client === client))('$fault, $where, $who: $outcome', (each) => {
      const { hedged, alone } = results.get(each) ?? {};
      expect(hedged?.wrong).toEqual([]);
      expect(`${hedged?.outcome} ${hedged?.what}`).toMatch(new RegExp(`^${each.outcome} `));
      if (each.outcome !== 'F') return;
      expect(failuresOf(each)).toContain(hedged?.what);
      // The same as without hedging, if there is such a case.
      if (alone !== undefined) expect(failuresOf(each)).toContain(alone.what);
    });
  });

  it('leaves no rejection unhandled', async () => {
    expect(await rejections.count()).toBe(0);
    rejections.stop();
  });
});

describe('the matrix', () => {
  it('has a letter in every cell, or a reason why there is none', () => {
    expect(matrix.filter(({ outcome }) => !/^[PHphF-]$/.test(outcome))).toEqual([]);
    expect(matrix.filter(({ outcome, because }) => (outcome === '-') !== (because !== undefined))).toEqual([]);
    expect(cases.filter(({ outcome, failures }) => outcome === 'F' && failures.length === 0)).toEqual([]);
  });

  it('is what docs/fault-matrix.md shows: npm run docs:faults', () => {
    expect(readFileSync(new URL('../../../docs/fault-matrix.md', import.meta.url), 'utf8')).toBe(page());
  });
});
