import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { install, packAll } from '../support/packing.js';
import { ROOT } from '../support/paths.js';
import type { Project } from './case.js';

/** Kept between runs, outside of the repository: nothing may be found in a folder above. One for each checkout and user. */
export const HOME: string = join(tmpdir(), `hedgerow-packaging-${digest(`${ROOT} ${userInfo().username}`)}`);

/** What every package stands on. */
const BASE = ['core', 'opentelemetry'];
/** What npm writes, and what says that it was all written. */
const KEPT = ['node_modules', 'package.json', 'package-lock.json', '.installed'];

/** The path of each package's tarball, by the package's folder; the content is in the path, so that npm sees what has changed. */
export type Tarballs = Readonly<Record<string, string>>;

export async function packForProjects(): Promise<Tarballs> {
  const fresh = join(HOME, 'packed');
  const kept = join(HOME, 'tarballs');
  rmSync(fresh, { recursive: true, force: true });
  const entries = (await packAll(fresh)).map((path) => {
    const directory = join(kept, digest(readFileSync(path)));
    mkdirSync(directory, { recursive: true });
    const target = join(directory, basename(path));
    copyFileSync(path, target);
    const [, name = ''] = /^(?:hedgerow-)?(.+)-\d+\.\d+\.\d+[^/]*\.tgz$/.exec(basename(path)) ?? [];
    return [name === 'hedgerow' ? 'cli' : name, target] as const;
  });
  const current = new Set(entries.map(([, path]) => basename(join(path, '..'))));
  for (const old of readdirSync(kept)) if (!current.has(old)) rmSync(join(kept, old), { recursive: true });
  return Object.fromEntries(entries);
}

/** Makes a project, or cleans one that has what it needs; returns where it is. */
export async function prepare({ name, packages, dependencies, type }: Project, tarballs: Tarballs): Promise<string> {
  const directory = join(HOME, name);
  const stamp = join(directory, '.installed');
  mkdirSync(directory, { recursive: true });
  for (const entry of readdirSync(directory)) if (!KEPT.includes(entry)) rmSync(join(directory, entry), { recursive: true });
  const wanted = new Set([...BASE, ...packages]);
  const own = Object.entries(tarballs).filter(([folder]) => wanted.has(folder));
  const files = own.map(([folder, path]) => [folder === 'cli' ? 'hedgerow' : `@hedgerow/${folder}`, `file:${path}`] as const);
  const manifest = JSON.stringify({ name, private: true, type, dependencies: { ...dependencies, ...Object.fromEntries(files) } }, undefined, 2);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === manifest) return directory;
  rmSync(stamp, { force: true });
  writeFileSync(join(directory, 'package.json'), manifest);
  await install(directory);
  writeFileSync(stamp, manifest);
  return directory;
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}
