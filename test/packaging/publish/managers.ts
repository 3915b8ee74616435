import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from '../../support/paths.js';
import { execute, type Execution } from '../../support/execute.js';
import type { Registry } from './registry.js';
import { tool } from './tools.js';

/** What installs packages by name. */
export interface Manager {
  readonly name: string;
  /** Does it install what packages name as peers? */
  readonly bringsPeers: boolean;
  /** Makes a project that has nothing. */
  init(folder: string, registry: Registry): void;
  /** Its form of `npm install …`. */
  add(project: Project, packages: readonly string[]): Promise<Execution>;
  /** Runs a module of the project. */
  run(project: Project, file: string): Promise<Execution>;
  /** Its form of `npx …`, if it has one. */
  readonly once?: Program;
}

type Program = (project: Project, args: readonly string[]) => Promise<Execution>;

export interface Project {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

const LIMIT_MS = 240_000;
const node = (program: string): Program => (project, args) => start(process.execPath, [tool(program), ...args], project);
const [pnpmAnywhere, yarn, berry] = [node('pnpm/bin/pnpm.cjs'), node('yarn/bin/yarn.js'), node('@yarnpkg/cli-dist/bin/yarn.js')];
/** It leaves nothing in the home of whoever runs this. */
const pnpm: Program = (project, args) =>
  pnpmAnywhere(project, [...['store', 'cache'].map((name) => `--config.${name}-dir=${join(project.folder, `../pnpm-${name}`)}`), ...args]);
const plainly = (project: Project, file: string): Promise<Execution> => start(process.execPath, [file], project);

export const MANAGERS: readonly Manager[] = [
  {
    name: 'npm',
    bringsPeers: true,
    init: makeProject,
    add: (project, packages) => start(npm, ['install', '--loglevel=error', ...packages], project),
    run: plainly,
    once: (project, args) => start(npm, ['exec', '--yes', '--', ...args], project),
  },
  {
    name: 'pnpm',
    bringsPeers: true,
    init: makeProject,
    add: (project, packages) => pnpm(project, ['add', ...packages]),
    run: plainly,
    once: (project, args) => pnpm(project, ['dlx', ...args]),
  },
  {
    name: 'Yarn 1',
    bringsPeers: false,
    init: makeProject,
    add: (project, packages) => yarn(project, ['add', '--no-lockfile', '--cache-folder', join(project.folder, '../yarn-cache'), ...packages]),
    run: plainly,
  },
  {
    // With its own way of finding packages, under which a package sees nothing that it does not name.
    name: 'Yarn 4',
    bringsPeers: false,
    init: (folder, { url }) => {
      makeProject(folder);
      writeFileSync(join(folder, 'yarn.lock'), '');
      const settings = {
        npmRegistryServer: url,
        unsafeHttpWhitelist: ['127.0.0.1'],
        npmMinimalAgeGate: 0, // else it waits for a day
        globalFolder: join(folder, '../yarn-4'),
        enableTelemetry: false,
        enableScripts: false,
      };
      writeFileSync(join(folder, '.yarnrc.yml'), JSON.stringify(settings)); // JSON is YAML, too
    },
    add: (project, packages) => berry(project, ['add', ...packages]),
    run: (project, file) => berry(project, ['node', file]),
    once: (project, args) => berry(project, ['dlx', ...args]),
  },
];

function makeProject(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
}

async function start(command: string, args: readonly string[], { folder, env }: Project): Promise<Execution> {
  return await execute(command, args, { cwd: folder, env, timeoutMs: LIMIT_MS });
}
