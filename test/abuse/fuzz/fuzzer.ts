import fc from 'fast-check';
import { caseOf } from './arbitrary.js';
import type { Case, ClientName } from './case.js';
import type { Difference, Evidence } from './evidence.js';
import { judge } from './judge.js';
import type { World } from './world.js';

/** A difference, and the smallest case found that shows it. */
export interface Finding extends Difference {
  readonly client: ClientName;
  /** Draws the case that it was found in, as the only one. */
  readonly seed: number;
  /** How many cases showed the like. */
  count: number;
  readonly found: Case;
  shrunk: Case | undefined;
}

export interface Tally {
  cases: number;
  hedged: number;
  readonly explained: Map<string, number>;
  readonly findings: Finding[];
  /** Seen once, and not again when the case was played over and over: of machines that stand still, most likely. */
  readonly fleeting: Finding[];
}

export interface Plan {
  readonly client: ClientName;
  readonly cases: number;
  readonly seed: number;
  readonly atOnce: number;
  readonly onProgress: (tally: Tally) => void;
  /** Stop after so many sorts of differences. */
  readonly mostFindings: number;
}

/** Plays so many random cases of one client, many at once. */
export async function fuzz(world: World, { client, cases, seed, atOnce, onProgress, mostFindings }: Plan): Promise<Tally> {
  const tally: Tally = { cases: 0, hedged: 0, explained: new Map(), findings: [], fleeting: [] };
  const arbitrary = caseOf(client);
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < cases && tally.findings.length < mostFindings) {
      const own = cases === 1 ? seed : seedOf(seed, next);
      next++;
      const [drawn] = fc.sample(arbitrary, { seed: own, numRuns: 1 });
      if (drawn === undefined) return;
      const { differences, explainedBy, wasHedged, evidence } = await judge(world, drawn);
      tally.cases++;
      if (wasHedged) tally.hedged++;
      for (const name of explainedBy) tally.explained.set(name, (tally.explained.get(name) ?? 0) + 1);
      for (const each of differences) {
        const isKnown = tally.findings.some(({ sort }) => sort === each.sort);
        note(isKnown || (await comesAgain(world, drawn, each.sort, evidence)) ? tally.findings : tally.fleeting, client, own, drawn, each);
      }
      promote(tally);
      onProgress(tally);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return tally;
}

/** How often a case is played again, some at once: what comes by chance comes in a crowd. */
const MOST_REPLAYS = 100;
const REPLAYED_AT_ONCE = 10;

async function comesAgain(world: World, plan: Case, sort: string, evidence: Evidence): Promise<boolean> {
  for (let round = 0; round < MOST_REPLAYS / REPLAYED_AT_ONCE; round++) {
    const verdicts = await Promise.all(Array.from({ length: REPLAYED_AT_ONCE }, () => judge(world, plan, evidence)));
    if (verdicts.some(({ differences }) => differences.some((each) => each.sort === sort))) return true;
  }
  return false;
}

/** Chance does not strike so often in one place. */
const MOST_FLEETING = 3;

function promote({ findings, fleeting }: Tally): void {
  for (const [index, each] of [...fleeting.entries()].reverse()) if (each.count >= MOST_FLEETING) findings.push(...fleeting.splice(index, 1));
}

function note(findings: Finding[], client: ClientName, seed: number, found: Case, difference: Difference): void {
  const known = findings.find(({ sort }) => sort === difference.sort);
  if (known !== undefined) known.count++;
  else findings.push({ ...difference, client, seed, found, count: 1, shrunk: undefined });
}

/** Cases that are drawn with neighbouring seeds are alike. */
function seedOf(seed: number, index: number): number {
  return (Math.imul(seed, 1_000_003) + Math.imul(index + 1, 0x9e3779b1)) | 0;
}

/** How many of one case at once, while it is shrunk: what fails by chance fails in one of them. */
const COPIES = 3;
const MOST_SHRINKING_MS = 60_000;
/** Findings that are shrunk at once. */
const SHRUNK_AT_ONCE = 6;

/** Finds the smallest case for each finding. */
export async function shrinkAll(world: World, findings: readonly Finding[]): Promise<void> {
  const queue = findings.values();
  const work = async (): Promise<void> => {
    for (const finding of queue) await shrink(world, finding);
  };
  await Promise.all(Array.from({ length: SHRUNK_AT_ONCE }, work));
}

/** Finds the smallest case that shows the same sort of difference. */
async function shrink(world: World, finding: Finding): Promise<void> {
  const property = fc.asyncProperty(caseOf(finding.client), async (drawn) => {
    const verdicts = await Promise.all(Array.from({ length: COPIES }, () => judge(world, drawn)));
    const isFound = verdicts.some(({ differences }) => differences.some(({ sort }) => sort === finding.sort));
    if (isFound) finding.shrunk = drawn;
    return !isFound;
  });
  await fc.check(property, { seed: finding.seed, numRuns: 1, interruptAfterTimeLimit: MOST_SHRINKING_MS });
}
