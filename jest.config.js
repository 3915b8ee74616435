import { availableParallelism } from 'node:os';

/** Tests are compiled by `tsc -b` (types included) and run as ES modules, without a transform. */
export default {
  roots: ['<rootDir>/test/.build'],
  testMatch: ['**/*.test.js'],
  transform: {},
  testEnvironment: '<rootDir>/test/.build/support/environment.js',
  testSequencer: '<rootDir>/test/.build/support/sequencer.js',
  // For hooks as well. Waits of tests name what they wait for and end much sooner (test/support/wait.ts); this is for whatever still hangs.
  testTimeout: 120_000,
  // One more than there are processors: many tests wait for servers and timers.
  maxWorkers: availableParallelism() + 1,
};
