/** Tests are compiled by `tsc -b` (types included) and run as ES modules, without a transform. */
export default {
  roots: ['<rootDir>/test/.build'],
  testMatch: ['**/*.test.js'],
  transform: {},
  testEnvironment: '<rootDir>/test/.build/support/environment.js',
  // For hooks as well. Waits of tests name what they wait for and end much sooner (test/support/wait.ts); this is for whatever still hangs.
  testTimeout: 120_000,
  // All processors; jest would leave one of them idle, and this is half of a small machine.
  maxWorkers: '100%',
};
