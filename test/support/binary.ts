import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './execute.js';
import { CACHE, npm } from './paths.js';

/** A runtime as a package of npm has it for this platform. */
export interface Binary {
  readonly path: string;
  readonly version: string;
}

interface Manifest {
  readonly version: string;
  readonly bin?: Readonly<Record<string, string>>;
}

/** Installs it among what is kept between runs. An exact version is fetched once, a range whenever there is something newer. `path`: where it is in the package. */
export async function fetchBinary(name: string, range: string, into: string, path: (manifest: Manifest) => string): Promise<Binary> {
  const prefix = join(CACHE, into);
  const home = join(prefix, 'node_modules', name);
  const manifest = join(home, 'package.json');
  const isExact = /^\d+\.\d+\.\d+$/.test(range);
  if (!isExact || !existsSync(manifest)) {
    mkdirSync(prefix, { recursive: true });
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-save', '--loglevel=error'];
    await must(npm, ['install', '--prefix', prefix, ...quiet, `${name}@${range}`], { cwd: prefix, timeoutMs: 300_000 });
  }
  const read = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
  return { path: join(home, path(read)), version: read.version.replace(/^v/, '') };
}
