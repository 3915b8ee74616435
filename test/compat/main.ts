/**
 * Tries the packages, as npm would publish them, on every supported version of Node and of what they work with, and on other runtimes.
 *
 * Usage: npm run test:compat [-- --quick | --runtimes | --only <part of a name> | --list]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { nodeBinary } from '../support/node-binary.js';
import { installed, packAll } from '../support/packing.js';
import { showProgress } from '../support/progress.js';
import { checkModules, checkTypes } from './checks.js';
import { COMBINATIONS, NEWEST, type Combination } from './matrix.js';
import { lendTools, makeProject } from './project.js';
import { RUNTIMES, tryRuntime, type Runtime, type RuntimeResult } from './runtimes/runtimes.js';
import { runSuites } from './suites.js';
import { failed, hasFailed, showRuntimes, showTable, writeRuntimes, writeTable, type Result } from './table.js';

const HELP = `npm run test:compat [-- options]

Packs every package, installs the tarballs in a project of its own for each combination of versions, outside of the repository, and there
  - imports and requires every package, on that version of Node,
  - compiles what users write, with the types of that version of Node,
  - runs the contract suites and those of axios, got, gRPC, fetch, undici, Elasticsearch, OpenSearch and
    OpenTelemetry.
Node comes from npm (the package \`node\`), and stays in .cache/compat.

Not every version meets every other: each Node meets the lowest and the newest of everything that it can run (on Node 20 that leaves out
got 15 and 16, OpenTelemetry's SDK 3 and undici 8, which ask for Node 22), and every major version between is tried once, on Node 22.
Files of tests that fail are run once more, one by one, because tests measure time; it is said which.

On Bun and Deno it runs the contract of core and fetch, in workerd what of it can be had there; with the newest of everything.

  --quick        Node's lowest with the lowest of everything, Node 26 with the newest, and the versions between on Node 22.
                 Leaves out Node 24, the newest that Node 20 takes, and lowest and newest the other way round.
  --runtimes     Bun, Deno and workerd alone
  --only <text>  combinations and runtimes whose name contains this
  --list         shows them and ends
  --help         shows this

A full run writes the tables in docs/versions.md, one of --runtimes theirs.`;

/** Steps of a combination: four of its own and one per file of tests, about. */
const STEPS = 45;

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, runtimes: { type: 'boolean' }, only: { type: 'string' }, list: { type: 'boolean' }, help: { type: 'boolean' } },
});
const { quick = false, only = '' } = values;
const chosen = COMBINATIONS.filter(({ name, quick: isQuick }) => values.runtimes !== true && name.includes(only) && (!quick || isQuick));
const runtimes = RUNTIMES.filter(({ name }) => name.includes(only));

if (values.help === true) console.log(HELP);
else if (values.list === true) list();
else if (chosen.length + runtimes.length === 0) fail(`no combination has "${only}" in its name; --list shows them`);
else await main();

function list(): void {
  for (const { name, node, versions } of chosen) console.log(`${name}: Node ${node}, ${JSON.stringify(versions)}`);
  for (const { name, tried } of runtimes) console.log(`${name}: ${tried}`);
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'hedgerow-compat-'));
  const startedAt = performance.now();
  const results: Result[] = [];
  const others: RuntimeResult[] = [];
  const total = chosen.length + runtimes.length;
  try {
    const tarballs = await packAll(join(directory, 'tarballs'));
    for (const [index, combination] of chosen.entries()) {
      const project = join(directory, String(index));
      const result = await attempt(combination, project, tarballs, `${index + 1}/${total}`);
      results.push(result);
      report(result);
      rmSync(project, { recursive: true, force: true });
    }
    for (const [index, runtime] of runtimes.entries()) {
      const other = await attemptRuntime(runtime, join(directory, runtime.name), tarballs, `${chosen.length + index + 1}/${total}`);
      others.push(other);
      reportRuntime(other);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  if (results.length > 0) console.log(showTable(results));
  if (others.length > 0) console.log(showRuntimes(others));
  console.log(`${total} combinations in ${((performance.now() - startedAt) / 60_000).toFixed(1)} minutes.`);
  if (!quick && only === '') {
    if (results.length > 0) writeTable(results);
    console.log(`Written: ${writeRuntimes(others)}`);
  }
  const bad = [...results.filter(failed).map(({ combination: { name } }) => name), ...others.filter(hasFailed).map(({ runtime: { name } }) => name)];
  if (bad.length > 0) fail(`FAILED: ${bad.join(', ')}`);
}

async function attempt(combination: Combination, directory: string, tarballs: readonly string[], place: string): Promise<Result> {
  using progress = showProgress(`${place} ${combination.name}`, STEPS);
  progress.step('Node');
  const node = await nodeBinary(combination.node);
  progress.step('install');
  await makeProject(directory, tarballs, combination);
  const versions = Object.fromEntries(Object.keys(combination.versions).map((name) => [name, installed(directory, name)]));
  progress.step('import and require');
  const modules = await checkModules(directory, node.path);
  progress.step('types');
  const types = await checkTypes(directory, node.path, combination.everyResolution);
  lendTools(directory);
  const suites = await runSuites(directory, node.path, progress.step);
  return { combination, node: node.version, versions, modules, types, suites };
}

async function attemptRuntime(runtime: Runtime, directory: string, tarballs: readonly string[], place: string): Promise<RuntimeResult> {
  using progress = showProgress(`${place} ${runtime.name}`, STEPS);
  return await tryRuntime(runtime, directory, tarballs, NEWEST, progress.step);
}

function reportRuntime(result: RuntimeResult): void {
  const { runtime, modules, passed, failures, again } = result;
  console.log(`${hasFailed(result) ? pc.red('✗') : pc.green('✓')} ${runtime.name}: ${passed} tests passed, ${failures.length} failed`);
  for (const name of again) console.log(`    ${name} passed at the second attempt`);
  for (const fault of [...(modules ?? []), ...failures]) console.log(fault.replaceAll(/^/gm, '    '));
}

function report(result: Result): void {
  const { combination, modules, types, suites } = result;
  console.log(`${failed(result) ? pc.red('✗') : pc.green('✓')} ${combination.name}: ${suites.passed} tests passed, ${suites.failed} failed`);
  for (const file of suites.again) console.log(`    ${file} passed at the second attempt`);
  for (const fault of [...modules, ...types, ...suites.failures]) console.log(fault.replaceAll(/^/gm, '    '));
}

function fail(message: string): void {
  console.error(pc.red(message));
  process.exitCode = 1;
}
