import type { Case } from './case.js';
import { whileCollecting } from './garbage.js';
import type { Outcome } from './outcome.js';
import type { Whose, World } from './world.js';

/** A difference that nothing explains. */
export interface Difference {
  /** Of what sort: the same for alike differences. */
  readonly sort: string;
  readonly told: string;
}

/** What came of a case without hedging, and of its like: once there is much of it, no crowd is played again. */
export interface Evidence {
  readonly known: Readonly<Record<Whose, Outcome[]>>;
  readonly others: Outcome[];
}

/** What a hedged run is compared with. */
export interface References extends Evidence {
  readonly world: World;
  readonly plan: Case;
  readonly hedged: Outcome;
  readonly mostCrowds: number;
}

export const SIDES: readonly Whose[] = ['primary', 'hedge'];

/** Runs without hedging, of one case, until one is like the hedged one: clients have more than one way to fail. */
export const MOST_TRIES = 6;
/** Then many at once: what seldom comes comes in a crowd. */
export const CROWD = 10;
export const MOST_CROWDS = 6;
/** For a call that never ends and for what ends a process: a client is to be blamed for that last. */
export const MOST_CROWDS_OF_WORST = 30;
/** Of a case: what has not come by then is taken not to come. */
export const MOST_CROWDING_MS = 40_000;

/** Every other crowd has its garbage collected all the time. */
export function inCrowd(round: number, play: () => Promise<void>): Promise<unknown> {
  const playAll = (): Promise<unknown> => Promise.all(Array.from({ length: CROWD }, play));
  return round % 2 === 0 ? playAll() : whileCollecting(playAll);
}

/** Crowds as long as something is open, at most so many and for so long. */
export async function crowdWhile(isOpen: () => boolean, mostCrowds: number, play: () => Promise<void>): Promise<void> {
  const until = performance.now() + MOST_CROWDING_MS;
  for (let round = 0; round < mostCrowds && isOpen() && performance.now() <= until; round++) await inCrowd(round, play);
}
