import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../support/paths.js';

/** What is called: each package, and an entry that is one of its own to whoever reads requests. */
export type PackageName = 'axios' | 'fetch' | 'got' | 'grpc' | 'connect' | 'elastic' | 'aws' | 'core' | 'describe' | 'opentelemetry';
/** All that there are. */
export const PACKAGES: readonly PackageName[] = ['axios', 'fetch', 'got', 'grpc', 'connect', 'elastic', 'aws', 'core', 'describe', 'opentelemetry'];
/** What has CommonJS of its own. */
export const WITH_REQUIRE: readonly PackageName[] = PACKAGES.filter((name) => name !== 'got');
export type Format = 'import' | 'require';

const STARTERS = join(ROOT, 'test/packaging/starters');

/** Copies what is written for a tool into a project. */
export function copyStarter(directory: string, name: string, to = '.'): void {
  cpSync(join(STARTERS, name), join(directory, to), { recursive: true });
}

export function write(directory: string, path: string, text: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
}

/** Writes a hedged call of each package, as `calls/NAME.EXTENSION` that exports `call`. */
export function writeCalls(directory: string, names: readonly PackageName[], format: Format, extension: string): void {
  for (const name of names) {
    const source = readFileSync(join(STARTERS, 'calls', `${name}.js`), 'utf8');
    write(directory, `calls/${name}.${extension}`, format === 'import' ? source : asCommonJs(source));
  }
}

/** Writes calls, and a program that makes them and tells on standard output what came of them, or, in a page, as `globalThis.hedgerow(backend)`. */
export function writeProgram(directory: string, path: string, names: readonly PackageName[], format: Format, runs: 'node' | 'page'): void {
  const extension = format === 'import' ? 'mjs' : 'cjs';
  const home = dirname(path) === '.' ? '.' : dirname(path);
  writeCalls(join(directory, home), names, format, extension);
  const imports = names.map((name) =>
    format === 'import' ? `import { call as ${name} } from './calls/${name}.${extension}';` : `const { call: ${name} } = require('./calls/${name}.${extension}');`,
  );
  const run = [
    'async function run(backend) {',
    '  const infos = {};',
    `  for (const [name, call] of Object.entries({ ${names.join(', ')} })) infos[name] = await call(backend);`,
    '  return infos;',
    '}',
  ];
  const start =
    runs === 'page'
      ? ['globalThis.hedgerow = run;']
      : [
          'run(JSON.parse(process.env.HEDGEROW_BACKEND)).then(',
          '  (infos) => console.log(`HEDGEROW ${JSON.stringify(infos)}`),',
          '  (error) => {',
          '    console.error(error);',
          '    process.exitCode = 1;',
          '  },',
          ');',
        ];
  write(directory, path, [...imports, '', ...run, '', ...start, ''].join('\n'));
}

/** The same with `require`, for what is in `starters/calls`: imports on lines of their own, and exported functions. */
export function asCommonJs(source: string): string {
  const body = source
    .replaceAll(/^import (\w+) from ('[^']+');$/gm, 'const $1 = require($2);')
    .replaceAll(/^import (\{[^}]+\}) from ('[^']+');$/gm, 'const $1 = require($2);')
    .replaceAll(/^export (async function (\w+))/gm, 'exports.$2 = $2;\n\n$1');
  if (/^(import|export) /m.test(body)) throw new Error(`no CommonJS for:\n${source}`);
  return body;
}
