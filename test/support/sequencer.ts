import { createRequire } from 'node:module';
import type * as sequencing from '@jest/test-sequencer';

// Its types tell of a CommonJS module, and to `import` it is none.
const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer') as typeof sequencing.default;

type Tests = Parameters<InstanceType<typeof Sequencer>['sort']>[0];

/** The files that take longest, longest first: what begins late would be run alone in the end. */
const LONG = [
  'cli/demo', 'got/odd-requests', 'integration/telemetry', 'docs/commands', 'contract/undici', 'got/contexts', 'got/kept', 'contract/fetch', 'bench/running', 'docs/snippets',
  'contract/grpc', 'fetch/contexts', 'axios/contexts', 'cli/advise.test', 'contract/', 'cli/simulate-command', 'security/command-line', 'support/busy', 'got/failures', 'core/steady-traffic', 'abuse/',
] as const;

/** Begins with the files that took long last time, as jest does; where nobody knows yet, with those that are known to. */
export default class LongFirst extends Sequencer {
  override async sort(tests: Tests): Promise<Tests> {
    const sorted = await super.sort(tests);
    if (sorted.some(({ duration }) => duration !== undefined)) return sorted;
    return sorted.sort((one, other) => placeOf(one.path) - placeOf(other.path));
  }
}

function placeOf(path: string): number {
  const place = LONG.findIndex((part) => path.includes(`/.build/${part}`));
  return place < 0 ? LONG.length : place;
}
