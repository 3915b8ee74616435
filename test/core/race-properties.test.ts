import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countUnhandledRejections } from '../support/rejections.js';
import { RaceWorld } from './race-world.js';
import { schedule } from './schedules.js';

/** How many schedules are tried; `npm run test:schedules` tries more of them. */
const SCHEDULES = 4_000;

describe('the race, whatever happens when', () => {
  it('settles every call once, with one winner at most, starts nothing afterwards, loses no token', async () => {
    const rejections = countUnhandledRejections();
    const played: RaceWorld[] = [];
    fc.assert(
      fc.property(schedule, (plan) => {
        const world = new RaceWorld(plan).play();
        // `expect` would take most of the time.
        const wrong = world.verdict();
        if (wrong.length > 0) throw new Error(wrong.join('; '));
        played.push(world);
      }),
      { numRuns: SCHEDULES },
    );
    // Promises tell what they know only now: nothing above waited for one.
    const unhandled = await rejections.count();
    rejections.stop();
    expect(unhandled).toBe(0);
    expect(played.flatMap(({ calls }) => calls.flatMap((call) => call.verdict() ?? []))).toEqual([]);
  });
});
