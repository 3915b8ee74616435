/**
 * A release, rehearsed: into a registry on this machine, and from there into empty projects, as a reader of the README would.
 *
 * Usage: npm run test:publish [-- --only <part of a name>]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pc from 'picocolors';
import { startStandIns } from '../../docs/stand-ins.js';
import { Checkout } from './checkout.js';
import { MANAGERS } from './managers.js';
import { quickStarts } from './quick-starts.js';
import { packFromClone, readersProject, runOnce } from './readers.js';
import { startRegistry } from './registry.js';
import { checkRelease } from './release.js';
import { installTools } from './tools.js';

const HELP = `npm run test:publish [-- options]

Publishes all packages by the release script into a registry of this machine (Verdaccio, which asks npm's own for everything else), then
  - installs by name with npm, pnpm, Yarn 1 and Yarn 4, a project for each quick start of docs/start.md, and runs that against local servers,
  - runs the command line without installing it,
  - packs the packages as docs/start.md says and uses the tarballs.

  --only <text>  steps whose name contains this; the release always
  --help         shows this`;

const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } });
const { only = '' } = values;
const started = performance.now();
let failures = 0;

if (values.help === true) console.log(HELP);
else await main();

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-publish-'));
  try {
    await step('tools: Verdaccio, pnpm, Yarn', installTools);
    await using registry = await startRegistry(folder);
    await using standIns = await startStandIns();
    const checkout = new Checkout(join(folder, 'hedgerow'), registry.env);
    await step('release', () => checkRelease(checkout, registry));
    const steps: [name: string, work: () => Promise<void>][] = [];
    for (const manager of MANAGERS) {
      for (const start of quickStarts()) steps.push([`${manager.name}: ${start.name}`, () => readersProject(folder, manager, start, registry, standIns)]);
      const { once } = manager;
      if (once) steps.push([`${manager.name}: hedgerow, not installed`, () => runOnce(folder, manager, once, registry)]);
    }
    steps.push(['tarballs, packed from a clone', () => packFromClone(folder, checkout, registry)]);
    for (const [index, [name, work]] of steps.entries()) if (name.includes(only)) await step(`${index + 1}/${steps.length} ${name}`, work);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`${failures === 0 ? pc.green('All of it works') : pc.red(`${failures} failed`)}, after ${seconds(started)}.`);
  process.exitCode = failures === 0 ? 0 : 1;
}

/** Says what it is at, and how that went. */
async function step(name: string, work: () => Promise<void>): Promise<void> {
  const from = performance.now();
  if (process.stderr.isTTY) process.stderr.write(`  ${name} …\r`);
  try {
    await work();
    console.log(`${pc.green('✓')} ${name} (${seconds(from)})`);
  } catch (error) {
    failures++;
    console.log(`${pc.red('✗')} ${name} (${seconds(from)})\n${String(error instanceof Error ? error.message : error).replaceAll(/^/gm, '    ')}`);
  }
}

function seconds(from: number): string {
  return `${((performance.now() - from) / 1_000).toFixed(0)} s`;
}
