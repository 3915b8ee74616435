/**
 * Uses the packages, as npm would publish them, with the tools that strangers have: bundlers, test runners, compilers.
 *
 * Usage: npm run test:packaging [-- --quick | --only <part of a name> | --list]
 */
import { parseArgs, stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { nodeBinary } from '../support/node-binary.js';
import { showProgress } from '../support/progress.js';
import { startBackends, type Backends } from './backend.js';
import { BUNDLER_CASES } from './bundlers.js';
import { nameOf, type Case } from './case.js';
import { lazyChromium, type Chromium } from './chromium.js';
import { NEXT_CASES } from './next.js';
import { NODE_CASES } from './node.js';
import { HOME, packForProjects, prepare, type Tarballs } from './projects.js';
import { RUNNER_CASES } from './runners.js';
import { showTable, writeTable, type Result } from './table.js';
import { TYPES_CASES } from './typescript.js';

const HELP = `npm run test:packaging [-- options]

Packs every package, installs the tarballs in an empty project for each tool, outside of the repository, and uses them there as a stranger
would, with the tool's defaults: bundles are run, pages are opened in Chromium, and every one has to hedge a request to a slow server.
Projects stay in ${HOME}, so that a second run is quick.

  --quick        leaves out Next and all that needs Chromium
  --only <text>  cases whose name contains this
  --list         shows the cases and ends
  --help         shows this

A full run writes the table in docs/versions.md.`;

/** Lines of a fault that are shown; the first ones say most. */
const FAULT_LINES = 12;

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, only: { type: 'string' }, list: { type: 'boolean' }, help: { type: 'boolean' } },
});
const { quick = false, only = '' } = values;
const CASES = [...NODE_CASES, ...TYPES_CASES, ...RUNNER_CASES, ...BUNDLER_CASES, ...NEXT_CASES];
const chosen = CASES.filter((item) => nameOf(item).includes(only) && !(quick && item.slow === true));

if (values.help === true) console.log(HELP);
else if (values.list === true) for (const item of chosen) console.log(nameOf(item));
else if (chosen.length === 0) fail(`no case has "${only}" in its name; --list shows them`);
else await main();

async function main(): Promise<void> {
  const startedAt = performance.now();
  const tarballs = await packForProjects();
  await using backends = await startBackends();
  await using chromium = lazyChromium();
  const results: Result[] = [];
  for (const [index, item] of chosen.entries()) {
    const result = await attempt(item, `${index + 1}/${chosen.length}`, { tarballs, backends, chromium });
    results.push(result);
    report(result);
  }
  console.log(showTable(results));
  console.log(`${results.length} cases in ${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes.`);
  if (!quick && only === '') console.log(`Written: ${writeTable(results)}`);
  const bad = results.filter(({ fault }) => fault !== undefined);
  if (bad.length > 0) fail(`FAILED: ${bad.map(({ tried }) => nameOf(tried)).join('; ')}`);
}

interface Resources {
  readonly tarballs: Tarballs;
  readonly backends: Backends;
  readonly chromium: Chromium;
}

async function attempt(item: Case, place: string, { tarballs, backends, chromium }: Resources): Promise<Result> {
  using progress = showProgress(`${place} ${nameOf(item)}`, 3, true);
  let startedAt = performance.now();
  const ended = (fault?: string): Result => ({ tried: item, seconds: (performance.now() - startedAt) / 1_000, fault });
  try {
    progress.step('install');
    const directory = await prepare(item.project, tarballs);
    const node = item.node === undefined ? process.execPath : (await nodeBinary(item.node)).path;
    startedAt = performance.now();
    progress.step('run');
    await item.run({ directory, node, backend: backends.next(), chromium });
    return ended();
  } catch (error) {
    return ended(error instanceof Error ? error.message : String(error));
  }
}

function report({ tried, seconds, fault }: Result): void {
  console.log(`${fault === undefined ? pc.green('✓') : pc.red('✗')} ${nameOf(tried)} (${seconds.toFixed(1)} s)`);
  const lines = stripVTControlCharacters(fault ?? '').split('\n').filter((line) => line.trim() !== '');
  for (const line of lines.slice(0, FAULT_LINES)) console.log(`    ${line}`);
  if (lines.length > FAULT_LINES) console.log(`    … and ${lines.length - FAULT_LINES} lines`);
}

function fail(message: string): void {
  console.error(pc.red(message));
  process.exitCode = 1;
}
