/** Stands in for `fast-check` where `runner.ts` runs tests: a few runs, always the same, since they are run for every mutant. */
import fc from 'fast-check';

const MUTANT_RUNS = 100;

const assert = ((property: fc.IRawProperty<void>, parameters: fc.Parameters = {}) =>
  fc.assert(property, { ...parameters, seed: 1, numRuns: Math.min(parameters.numRuns ?? MUTANT_RUNS, MUTANT_RUNS) })) as typeof fc.assert;

export default { ...fc, assert };
