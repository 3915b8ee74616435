import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { must } from './execute.js';
import { majorOf, type Combination } from './matrix.js';
import { npm, ROOT } from './paths.js';

/** Packs every package as npm would publish it; returns the tarballs. */
export async function packAll(directory: string): Promise<string[]> {
  mkdirSync(directory, { recursive: true });
  const packages = readdirSync(join(ROOT, 'packages')).flatMap((name) => ['--workspace', `packages/${name}`]);
  await must(npm, ['pack', ...packages, '--pack-destination', directory, '--loglevel=error'], { cwd: ROOT, timeoutMs: 120_000 });
  return readdirSync(directory).map((file) => join(directory, file));
}

/** Makes a project that has installed the tarballs and the versions of a combination, as a user would, outside of the repository. */
export async function makeProject(directory: string, tarballs: readonly string[], { node, versions }: Combination): Promise<void> {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const wanted = { ...versions, '@types/node': `^${majorOf(node)}`, '@grpc/proto-loader': '^0.8.0' };
  const specs = Object.entries(wanted).map(([name, range]) => `${name}@${range}`);
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  await must(npm, ['install', ...quiet, ...tarballs, ...specs], { cwd: directory, timeoutMs: 240_000 });
  cpSync(join(ROOT, 'test/.build'), join(directory, 'test/.build'), { recursive: true });
  cpSync(join(ROOT, 'jest.config.js'), join(directory, 'jest.config.js'));
  for (const path of ['test/types/consumer.ts', 'test/support/contract.proto']) copyInto(directory, path);
}

/** Lends the project what the tests need beside clients and SDK: never what it has installed. */
export function lendTools(directory: string): void {
  const { devDependencies } = manifestOf(ROOT);
  for (const name of Object.keys(devDependencies ?? {})) {
    const link = join(directory, 'node_modules', name);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
}

/** The version of a package that a project has. */
export function installed(directory: string, name: string): string {
  return manifestOf(join(directory, 'node_modules', name)).version ?? '?';
}

function copyInto(directory: string, path: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  cpSync(join(ROOT, path), join(directory, path));
}

interface Manifest {
  readonly version?: string;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function manifestOf(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
}
