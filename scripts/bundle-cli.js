// The command line as it is published: what it draws, parses and measures with is built in, since all of that takes 110 MB when npm installs it.
// npm runs this before it packs packages/cli (prepack), and again with --undo afterwards (postpack): while it packs, the bundle lies in `dist`,
// and what tsc made, which the checkout works with, beside it.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';
import ts from 'typescript';
import { thirdPartyLicenses } from './third-party-licenses.js';

process.chdir(path.join(import.meta.dirname, '..'));
const PACKAGE = 'packages/cli';
const DIST = path.join(PACKAGE, 'dist');
const ASIDE = path.join(PACKAGE, '.dist-of-tsc');
const BUNDLE = path.join(PACKAGE, '.bundle');
/** They lie side by side, chunks as well: the worker is looked for beside whoever starts it, the manifest one above. */
const ENTRIES = { bin: 'bin.js', index: 'index.js', worker: 'cluster/worker.js' };
/** For what is CommonJS. */
const BANNER = `import { createRequire as createRequireOfBundle } from 'node:module';\nconst require = createRequireOfBundle(import.meta.url);`;

putBack();
if (!process.argv.includes('--undo')) {
  if (!existsSync(path.join(DIST, '.tsbuildinfo'))) throw new Error('nothing to bundle: `npm run build` comes first');
  await bundle(BUNDLE);
  renameSync(DIST, ASIDE);
  renameSync(BUNDLE, DIST);
}

/** Also after a run that was interrupted; then tsc may have built anew in the meantime, which it shows by its own file. */
function putBack() {
  rmSync(BUNDLE, { recursive: true, force: true });
  if (!existsSync(ASIDE)) return;
  const isBuiltAnew = existsSync(path.join(DIST, '.tsbuildinfo'));
  rmSync(isBuiltAnew ? ASIDE : DIST, { recursive: true, force: true });
  if (!isBuiltAnew) renameSync(ASIDE, DIST);
}

async function bundle(directory) {
  const { dependencies } = JSON.parse(readFileSync(path.join(PACKAGE, 'package.json'), 'utf8'));
  const external = Object.keys(dependencies);
  const { metafile } = await build({
    entryPoints: Object.fromEntries(Object.entries(ENTRIES).map(([name, file]) => [name, path.resolve(DIST, file)])),
    outdir: directory,
    bundle: true,
    splitting: true, // `hedgerow --version` loads no plots
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    external,
    banner: { js: BANNER },
    legalComments: 'none', // they stand in the file of licences
    logOverride: { 'ignored-bare-import': 'silent' }, // modules that only widen types
    absWorkingDir: process.cwd(), // the paths of the metafile are relative to it
    metafile: true,
  });
  const outside = Object.values(metafile.outputs).flatMap(({ imports }) => imports.filter((item) => item.external).map((item) => item.path));
  const missing = outside.filter((name) => !isBuiltin(name) && !external.some((known) => name === known || name.startsWith(`${known}/`)));
  if (missing.length > 0) throw new Error(`the bundle imports what it does not depend on: ${missing.join(', ')}`);
  writeFileSync(path.join(directory, 'third-party-licenses.txt'), thirdPartyLicenses(metafile));
  copyTypes('index.d.ts', directory);
}

/** Copies declarations: a file, and those that it imports. */
function copyTypes(file, directory) {
  const target = path.join(directory, file);
  if (existsSync(target)) return;
  mkdirSync(path.dirname(target), { recursive: true });
  copyFileSync(path.join(DIST, file), target);
  for (const { fileName } of ts.preProcessFile(readFileSync(target, 'utf8')).importedFiles) {
    if (fileName.startsWith('.')) copyTypes(path.join(path.dirname(file), fileName.replace(/\.js$/, '.d.ts')), directory);
  }
}
