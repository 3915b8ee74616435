import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { RaceWorld } from '../core/race-world.js';
import { schedule } from '../core/schedules.js';

/**
 * Plays 100,000 random schedules of the race (or as many as the command line says, from the seed that it says) on a fake clock.
 * Exits with 1 at the first that goes wrong, and prints the smallest like it.
 */
const wanted = numberFrom(process.argv[2], 100_000);
const seed = numberFrom(process.argv[3], Math.floor(Math.random() * 2 ** 31));
const BATCH = 2_000;

let unhandled = 0;
process.on('unhandledRejection', () => unhandled++);

const startedAt = performance.now();
let played = 0;
let calls = 0;
let hedges = 0;
let given = 0;
while (played < wanted) {
  const worlds: RaceWorld[] = [];
  const property = fc.property(schedule, (plan) => {
    const world = new RaceWorld(plan).play();
    const wrong = world.verdict();
    if (wrong.length > 0) throw new Error(wrong.join('; '));
    worlds.push(world);
  });
  const result = fc.check(property, { numRuns: Math.min(BATCH, wanted - played), seed: seed + played });
  if (result.failed) fail(`after ${played} schedules: ${String(result.errorInstance)}\n${fc.defaultReportMessage(result)}`);
  await turn(); // promises tell what they know only now
  for (const call of worlds.flatMap((world) => world.calls)) {
    calls++;
    hedges += Math.max(0, call.outcomes.length - 1);
    if (call.isGivenUp) given++;
    const verdict = call.verdict();
    if (verdict !== undefined) fail(`${verdict}: ${JSON.stringify(call.plan)}`);
  }
  if (unhandled > 0) fail(`${unhandled} rejections were not handled`);
  played += result.numRuns;
  progress();
}
console.log(`\n${played} schedules, ${calls} calls, ${hedges} hedges, ${given} given up, seed ${seed}: every call settled once, and nothing was left.`);

function progress(): void {
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(0);
  const text = `${played} of ${wanted} schedules, ${seconds} s`;
  if (process.stderr.isTTY) process.stderr.write(`\r${text} `);
  else if (played % (10 * BATCH) === 0) process.stderr.write(`${text}\n`);
}

function fail(message: string): never {
  console.error(`\n✗ seed ${seed}, ${message}`);
  process.exit(1);
}

function numberFrom(text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  console.error(`expected a whole number, got ${text}\nusage: npm run test:schedules -- [schedules] [seed]`);
  return process.exit(2);
}
