import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute, type Execution } from '../../support/execute.js';
import type { StandIns } from '../../docs/stand-ins.js';
import type { Checkout } from './checkout.js';
import type { Manager, Project } from './managers.js';
import { packing, type QuickStart } from './quick-starts.js';
import type { Registry } from './registry.js';

/** What the quick start tells those to add whose package manager installs no peers. */
const PEERS = ['@opentelemetry/api'];
/** What the AWS SDK says of a Node that it will soon not support. */
const AWS_WARNING = /^.*NodeVersionSupportWarning[^]*?was created\)$/m;
/** What it asks for that is done already: this checkout is built. */
const DONE = /^npm ci && npm run build$/;

/** Installs what a quick start says, by name, and runs its code. */
export async function readersProject(folder: string, manager: Manager, { name, packages, code }: QuickStart, registry: Registry, standIns: StandIns): Promise<void> {
  const project = open(folder, manager, name, registry);
  cpSync(join(standIns.folder, 'catalog.proto'), join(project.folder, 'catalog.proto'));
  writeFileSync(join(project.folder, 'main.js'), standIns.localized(code));
  succeeded(await manager.add(project, manager.bringsPeers ? packages : [...packages, ...PEERS]));
  const { output } = succeeded(await manager.run(project, 'main.js'));
  assert.notEqual(output.trim(), '', 'it prints nothing');
  assert.doesNotMatch(output.replace(AWS_WARNING, ''), /warning/i);
}

/** The command line of those who have not installed it. */
export async function runOnce(folder: string, manager: Manager, once: NonNullable<Manager['once']>, registry: Registry): Promise<void> {
  const project = open(folder, manager, 'once', registry);
  const { output } = succeeded(await once(project, ['hedgerow', 'demo', '--quick', '-n', '100', '-w', '30', '--no-report']));
  assert.match(output, /^got {3}p99 /m);
}

/** The lines of the quick start that pack every package, in a clone, and its code that uses them all, beside it. */
export async function packFromClone(folder: string, checkout: Checkout, registry: Registry): Promise<void> {
  const { commands, code } = packing();
  const reader = join(folder, 'your-project');
  mkdirSync(reader);
  writeFileSync(join(reader, 'package.json'), JSON.stringify({ name: 'your-project', private: true, type: 'module' }));
  const lines = commands.filter((command) => !DONE.test(command));
  const script = ['set -e', ...lines, 'npx --no-install hedgerow --version'].join('\n');
  succeeded(await execute('bash', ['-c', script], { cwd: checkout.folder, env: registry.env, timeoutMs: 240_000 }));
  writeFileSync(join(reader, 'main.js'), `${code}\nconsole.log(typeof viaAxios.get, typeof viaGot.get, typeof viaFetch, typeof interceptor);`);
  const { output } = succeeded(await execute(process.execPath, ['main.js'], { cwd: reader, timeoutMs: 60_000 }));
  assert.equal(output.trim(), 'function function function function');
}

function open(folder: string, manager: Manager, what: string, registry: Registry): Project {
  const project = join(folder, `${manager.name} ${what}`.replaceAll(' ', '-'));
  manager.init(project, registry);
  return { folder: project, env: registry.env };
}

function succeeded(execution: Execution): Execution {
  assert(execution.ok, execution.output);
  return execution;
}
