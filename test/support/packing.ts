import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './execute.js';
import { npm, ROOT } from './paths.js';

/** Packs every package as npm would publish it; returns the tarballs. */
export async function packAll(directory: string): Promise<string[]> {
  mkdirSync(directory, { recursive: true });
  const packages = readdirSync(join(ROOT, 'packages')).flatMap((name) => ['--workspace', `packages/${name}`]);
  await must(npm, ['pack', ...packages, '--pack-destination', directory, '--loglevel=error'], { cwd: ROOT, timeoutMs: 120_000 });
  return readdirSync(directory).map((file) => join(directory, file));
}

/** Installs in a project what its manifest asks for, and this as well. */
export async function install(directory: string, specs: readonly string[] = []): Promise<void> {
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  await must(npm, ['install', ...quiet, ...specs], { cwd: directory, timeoutMs: 300_000 });
}

/** The version of a package that a project has. */
export function installed(directory: string, name: string): string {
  return manifestOf(join(directory, 'node_modules', name)).version ?? '?';
}

export interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export function manifestOf(directory: string): Manifest {
  return JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;
}
