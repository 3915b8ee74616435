import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../../support/execute.js';
import { npm, ROOT } from '../../support/paths.js';

/** The registry and the package managers: together a hundred megabytes, which only this test needs. */
const VERSIONS: Readonly<Record<string, string>> = { verdaccio: '6.8.0', pnpm: '10.34.9', yarn: '1.22.22', '@yarnpkg/cli-dist': '4.18.1' };
/** Verdaccio asks for a tag, which not every registry has. */
const OVERRIDES = { 'node-fetch': '^2.7.0' };
const FOLDER = join(ROOT, '.cache/publish');

/** Installs the tools where they stay between runs. */
export async function installTools(): Promise<void> {
  const manifest = JSON.stringify({ private: true, dependencies: VERSIONS, overrides: OVERRIDES });
  const file = join(FOLDER, 'package.json');
  if (existsSync(join(FOLDER, 'node_modules/verdaccio')) && readFileSync(file, 'utf8') === manifest) return;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(file, manifest);
  await must(npm, ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'], { cwd: FOLDER, timeoutMs: 300_000 });
}

/** The file that starts one of them. */
export function tool(path: string): string {
  return join(FOLDER, 'node_modules', path);
}
