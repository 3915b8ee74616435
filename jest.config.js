/** Tests are compiled by `tsc -b` (types included) and run as ES modules, without a transform. */
export default {
  roots: ['<rootDir>/test/.build'],
  testMatch: ['**/*.test.js'],
  transform: {},
  testEnvironment: 'node',
  testTimeout: 20_000,
};
