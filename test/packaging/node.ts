import { ENTRIES } from '../compat/entries.js';
import type { Case, Project, Stand } from './case.js';
import { node, runHedged } from './hedged.js';
import { copyStarter, PACKAGES, WITH_REQUIRE, write, writeProgram, type Format } from './sources.js';
import { CLIENTS, dependencies, VERSIONS } from './tools.js';

const NODE = VERSIONS['node 20'];
/** They have no CommonJS: Node 20 says that requiring them is an experiment. */
const IMPORTED_ONLY = ['@hedgerow/got', 'hedgerow'];

const PROJECT: Project = {
  name: 'node',
  packages: [...PACKAGES, 'cli'],
  dependencies: dependencies(...CLIENTS),
};

function nodeCase(what: string, run: Case['run']): Case {
  return { tool: 'node', version: NODE, what, project: PROJECT, node: NODE, run };
}

/** Every entry of every package, with a member of it. */
async function load(stand: Stand, format: Format): Promise<void> {
  const file = `entries.${format === 'import' ? 'mjs' : 'cjs'}`;
  const lines = ENTRIES.map(([name, member]) => {
    const loaded = format === 'import' ? `await import('${name}')` : `require('${name}')`;
    return `if (typeof (${loaded}).${member} !== 'function') throw new Error('${name} has no ${member}');`;
  });
  for (const part of format === 'import' ? [lines] : [lines.filter((line) => !isImportedOnly(line)), lines.filter(isImportedOnly)]) {
    write(stand.directory, file, `${part.join('\n')}\n`);
    const output = await node(stand, [file]);
    if (output !== '' && !part.every(isImportedOnly)) throw new Error(`${file} is not quiet:\n${output}`);
  }
}

function isImportedOnly(line: string): boolean {
  return IMPORTED_ONLY.some((name) => line.includes(`'${name}'`));
}

function calls(format: Format): Case {
  const names = format === 'import' ? PACKAGES : WITH_REQUIRE;
  return nodeCase(`hedged calls, ${format}`, async (stand) => {
    const program = `program.${format === 'import' ? 'mjs' : 'cjs'}`;
    writeProgram(stand.directory, program, names, format, 'node');
    await runHedged(stand, program, names);
  });
}

function program(what: string, file: string, ...args: readonly string[]): Case {
  return nodeCase(what, async (stand) => {
    copyStarter(stand.directory, 'formats');
    await node(stand, [file, ...args]);
  });
}

export const NODE_CASES: readonly Case[] = [
  nodeCase('every entry, import', (stand) => load(stand, 'import')),
  nodeCase('every entry, require', (stand) => load(stand, 'require')),
  calls('import'),
  calls('require'),
  program('instanceof AxiosError, required', 'axios-errors.cjs'),
  program('an imported Hedger in required adapters', 'across.cjs', 'import'),
  program('a required Hedger in imported adapters', 'across.cjs', 'require'),
];
