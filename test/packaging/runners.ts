import type { Case, Stand } from './case.js';
import { expectReceived, tool } from './hedged.js';
import { write, writeCalls, type PackageName } from './sources.js';
import { dependencies, VERSIONS, type Tool } from './tools.js';

const WITH_REQUIRE: readonly PackageName[] = ['axios', 'fetch', 'grpc', 'core', 'opentelemetry'];
const ALL: readonly PackageName[] = [...WITH_REQUIRE, 'got'];

/** jest as it is without any configuration: tests are CommonJS. */
function jestCase(major: '29' | '30'): Case {
  return {
    tool: 'jest',
    version: VERSIONS[`jest ${major}`],
    what: 'require, a test of each package but got',
    project: { name: `jest${major}`, packages: WITH_REQUIRE, dependencies: dependencies(`jest ${major}`, 'axios', '@grpc/grpc-js', '@opentelemetry/api', '@opentelemetry/sdk-trace') },
    async run(stand) {
      writeCalls(stand.directory, WITH_REQUIRE, 'require', 'js');
      for (const name of WITH_REQUIRE) writeTest(stand, name, `const { call } = require('./calls/${name}.js');`);
      await tool(stand, 'jest/bin/jest.js');
      for (const name of WITH_REQUIRE) expectReceived(stand, name);
    },
  };
}

/** vitest as it is without any configuration. */
function vitestCase(tested: Tool, node?: string): Case {
  return {
    tool: 'vitest',
    version: VERSIONS[tested],
    what: `import, a test of each package${node === undefined ? '' : `, on Node ${node.split('.')[0]}`}`,
    project: { name: tested.replace(' ', ''), packages: ALL, dependencies: dependencies(tested, 'axios', 'got', '@grpc/grpc-js', '@opentelemetry/api', '@opentelemetry/sdk-trace') },
    ...(node === undefined ? {} : { node }),
    async run(stand) {
      writeCalls(stand.directory, ALL, 'import', 'js');
      const vitest = `import { expect, test } from 'vitest';`;
      for (const name of ALL) writeTest(stand, name, `${vitest}\nimport { call } from './calls/${name}.js';`);
      await tool(stand, 'vitest/vitest.mjs', 'run');
      for (const name of ALL) expectReceived(stand, name);
    },
  };
}

function writeTest({ directory }: Stand, name: PackageName, imports: string): void {
  const lines = [
    imports,
    '',
    `test('${name} hedges', async () => {`,
    '  expect(await call(JSON.parse(process.env.HEDGEROW_BACKEND))).toMatchObject({ attempts: 2, isHedge: true });',
    '});',
    '',
  ];
  write(directory, `${name}.test.js`, lines.join('\n'));
}

export const RUNNER_CASES: readonly Case[] = [jestCase('29'), jestCase('30'), vitestCase('vitest 4'), vitestCase('vitest 5', VERSIONS['node 22'])];
