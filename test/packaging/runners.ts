import type { Case, Stand } from './case.js';
import { expectReceived, tool } from './hedged.js';
import { PACKAGES, WITH_REQUIRE, write, writeCalls, type PackageName } from './sources.js';
import { CLIENTS, dependencies, VERSIONS, type Tool } from './tools.js';

/** jest as it is without any configuration: tests are CommonJS. */
function jestCase(major: '29' | '30'): Case {
  return {
    tool: 'jest',
    version: VERSIONS[`jest ${major}`],
    what: 'require, a test of each package but got',
    project: { name: `jest${major}`, packages: WITH_REQUIRE, dependencies: dependencies(`jest ${major}`, ...CLIENTS.filter((name) => name !== 'got')) },
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
    project: { name: tested.replace(' ', ''), packages: PACKAGES, dependencies: dependencies(tested, ...CLIENTS) },
    ...(node === undefined ? {} : { node }),
    async run(stand) {
      writeCalls(stand.directory, PACKAGES, 'import', 'js');
      const vitest = `import { expect, test } from 'vitest';`;
      for (const name of PACKAGES) writeTest(stand, name, `${vitest}\nimport { call } from './calls/${name}.js';`);
      await tool(stand, 'vitest/vitest.mjs', 'run');
      for (const name of PACKAGES) expectReceived(stand, name);
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
