// What `import { hedgedFetch } from '@hedgerow/fetch'` costs a browser: bundled and minified by esbuild, compressed by gzip. Prints it by package and fails above the bound.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { tableForTerminal } from '#bench/support/table.js';

const PROGRAM = "import { hedgedFetch } from '@hedgerow/fetch'; export default hedgedFetch();";
const API = '@opentelemetry/api';
/** Of all that a page without telemetry loads, OpenTelemetry's API included, which it then has for hedgerow alone. What it is today, and a little. */
const MOST_BYTES = 54_000;

/** The program, or all of it but some packages, and what of each is in it. */
async function bundle(external = []) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: PROGRAM, resolveDir: process.cwd() },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    external,
  });
  const [{ contents }] = outputFiles;
  const [{ inputs }] = Object.values(metafile.outputs);
  return { bytes: contents.length, gzipped: gzipSync(contents, { level: 9 }).length, inputs };
}

function packageOf(path) {
  const [, directory] = /packages\/([^/]+)\//.exec(path) ?? [];
  if (directory !== undefined) return `@hedgerow/${directory}`;
  const [, name] = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path) ?? [];
  return name;
}

function kB(bytes) {
  return `${(bytes / 1_000).toFixed(1)} kB`;
}

const whole = await bundle();
const withoutApi = await bundle([API]);
const packages = new Map();
for (const [path, { bytesInOutput }] of Object.entries(whole.inputs)) {
  const name = packageOf(path);
  if (name !== undefined) packages.set(name, (packages.get(name) ?? 0) + bytesInOutput);
}

const rows = [
  ['all that a page loads', kB(whole.bytes), kB(whole.gzipped)],
  [`where ${API} is there already`, kB(withoutApi.bytes), kB(withoutApi.gzipped)],
];
for (const [name, bytes] of [...packages].sort(([, a], [, b]) => b - a)) rows.push([`  ${name}`, kB(bytes), '']);
console.log(tableForTerminal({ head: ['@hedgerow/fetch in a browser', 'minified', 'gzip'], rows }));

if (whole.gzipped > MOST_BYTES) {
  console.error(`That is more than ${kB(MOST_BYTES)}: see what came in with esbuild's --analyze, or raise the bound with a reason.`);
  process.exitCode = 1;
}
