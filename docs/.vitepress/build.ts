import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brokenLinks } from './check.js';
import { showRepository } from './repository.js';

/**
 * Builds the site: the API reference from the doc comments, pages of what the documentation links to outside `docs/`, then everything by VitePress into
 * `docs/.vitepress/dist`. A warning of either program is a failure.
 */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const API = join(ROOT, 'docs/api');
const WARNING = /\bwarn(ing)?\b|deprecat|dead link/i;

rmSync(API, { recursive: true, force: true });
await run('typedoc', 'bin/typedoc', ['--options', 'docs/.vitepress/typedoc.json']);
shortenReferences();
console.log(`${showRepository(ROOT)} files of the repository have pages.`);
await run('vitepress', 'bin/vitepress.js', ['build', 'docs']);
const broken = brokenLinks(join(ROOT, 'docs/.vitepress/dist'));
if (broken.length > 0) {
  console.error(['Links that lead nowhere:', ...broken].join('\n'));
  process.exit(1);
}
console.log('The site is in docs/.vitepress/dist; `npx vitepress preview docs` serves it.');

/** Runs a program of a package, shows what it says, and ends this one with 1 if it fails or warns. */
async function run(name: string, bin: string, args: readonly string[]): Promise<void> {
  const program = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), bin);
  const child = spawn(process.execPath, [program, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      process.stdout.write(text);
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const warnings = said.split('\n').filter((line) => WARNING.test(line));
  if (code === 0 && warnings.length === 0) return;
  console.error([`${name} ${code === 0 ? 'warned' : `ended with ${String(code)}`}:`, ...warnings].join('\n'));
  process.exit(1);
}

/** typedoc gives a heading to every re-export, a screen of nothing for each adapter: one paragraph says the same. */
function shortenReferences(): void {
  for (const name of readdirSync(API, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('index.md'))) {
    const [head, references] = readFileSync(join(API, name), 'utf8').split('\n## References\n');
    if (head === undefined || references === undefined) continue;
    const links = Array.from(references.matchAll(/^(?:Re-exports|Renames and re-exports) (\[.+\]\(.+\))$/gm), ([, link = '']) => link);
    writeFileSync(join(API, name), `${head}\n## Also exported from here\n\n${links.join(', ')}\n`);
  }
}
