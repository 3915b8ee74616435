/** Mutation testing of the scheduler: `npm run test:mutation`. See docs/mutation.md. */
export default {
  mutate: ['packages/core/src/**/*.ts'],
  // The copy that is mutated needs the core's sources and the compiled tests, nothing else.
  ignorePatterns: ['**', '!package.json', '!tsconfig.base.json', '!packages/core/**', '!test/.build/**', 'packages/core/dist/**'],
  // Stryker switches mutants at run time, so that one build holds them all; types were checked before.
  buildCommand: 'tsc -p packages/core --noCheck --composite false --incremental false --declaration false --isolatedDeclarations false',
  plugins: ['./test/.build/mutation/runner.js'],
  testRunner: 'warm',
  warm: {
    tests: ['test/.build/core', 'test/.build/security/keys.test.js', 'test/.build/security/names.test.js'],
    // Statistics over tens of thousands of calls: a second and more for each mutant that they reach, which is nearly every one.
    leaveOut: [
      'steady-traffic.test.js',
      'in a closed loop',
      'solver, on random samples',
      'an origin that queues',
      'used least recently are left out',
      'rather too little',
      'sees no correlation',
      '50000 calls',
      'stops nothing where copies help',
      'one of three backends pausing',
      'whatever the seed',
      'is forgotten within 20 s',
      '(300 calls a second)',
      'busy event loop',
      'with a correlation of',
      'in which nothing wins',
      '(seed 3',
      '(seed 4',
      'hostile one',
      'whatever else waits',
    ],
    maxCostMs: 3_000,
  },
  coverageAnalysis: 'perTest',
  concurrency: 4,
  // Wide, since a mutant counts as killed by it: loops without end are stopped by their count of hits long before.
  timeoutMS: 10_000,
  timeoutFactor: 4,
  dryRunTimeoutMinutes: 20,
  maxTestRunnerReuse: 500,
  tempDirName: '.cache/stryker',
  incremental: true,
  incrementalFile: '.cache/stryker-incremental.json',
  reporters: ['clear-text', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
  jsonReporter: { fileName: '.cache/mutation.json' },
  // scripts/mutation-report.js fails below 85 %.
  thresholds: { high: 95, low: 85, break: null },
  checkers: [],
  disableTypeChecks: true,
};
