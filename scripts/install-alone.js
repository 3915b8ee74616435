// What a package is to those who install it: tarballs, installed by npm into a project that has nothing else.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const BLOCK_BYTES = 4096;

/**
 * @param {string} directory - for the project.
 * @param {readonly string[]} tarballs - of the package, and of those of ours that it depends on.
 * @returns {number} what all of it takes on a disk, peers and their dependencies included, in bytes.
 */
export function installAlone(directory, tarballs) {
  mkdirSync(directory, { recursive: true });
  writeFileSync(path.join(directory, 'package.json'), '{"private":true,"type":"module"}');
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  execFileSync(npm, ['install', ...quiet, ...tarballs], { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
  const entries = readdirSync(path.join(directory, 'node_modules'), { recursive: true, withFileTypes: true });
  const sizes = entries.map((entry) => (entry.isFile() ? statSync(path.join(entry.parentPath, entry.name)).size : 1));
  return sizes.reduce((total, size) => total + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES, 0);
}

/** Those of ours that a package needs, by name, itself first. */
export function withDependencies(name, manifests) {
  const names = new Set([name]);
  for (const one of names) for (const other of Object.keys(manifests.get(one).dependencies ?? {})) if (manifests.has(other)) names.add(other);
  return [...names];
}
