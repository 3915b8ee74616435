/**
 * Builds Jaeger 2 from its Go module into `.cache/jaeger`, unless it is there. Go is needed, and the Go module proxy.
 *
 * Jaeger's own go.mod replaces a module, so `go install` refuses it: the module is fetched and built as the main one.
 * A build from the module has a placeholder instead of the user interface; people who want to look run the container image.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Jaeger's v1.76.0 and v2.13.0 are one commit; the module proxy knows it by the former name. */
const VERSION = 'v1.76.0';
const MODULE = 'github.com/jaegertracing/jaeger';

const cache = join(import.meta.dirname, '../.cache/jaeger');
const binary = join(cache, `jaeger-${VERSION}`);

if (!existsSync(binary)) {
  if (spawnSync('go', ['version']).error) {
    console.error(`Go is missing, and Jaeger is built with it. Install Go 1.25 or later (https://go.dev/doc/install), or run the container:

  docker run --rm -p 4318:4318 -p 16686:16686 jaegertracing/jaeger:2.13.0

and give its ports to the test: npm run test:jaeger -- --otlp http://127.0.0.1:4318 --query http://127.0.0.1:16686`);
    process.exit(1);
  }
  console.error(`Building Jaeger ${VERSION} into .cache/jaeger: a quarter of an hour on two cores the first time.`);
  mkdirSync(cache, { recursive: true });
  const source = join(cache, 'source');
  rmSync(source, { recursive: true, force: true });
  const { Dir: fetched } = JSON.parse(go(cache, 'mod', 'download', '-json', `${MODULE}@${VERSION}`));
  cpSync(fetched, source, { recursive: true });
  spawnSync('chmod', ['-R', 'u+w', source]);
  go(source, 'build', '-mod=mod', '-trimpath', '-o', binary, './cmd/jaeger');
  rmSync(source, { recursive: true, force: true });
}
console.log(binary);

/** @param {string} cwd @param {string[]} args */
function go(cwd, ...args) {
  const { status, stdout } = spawnSync('go', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 2 ** 26 });
  if (status !== 0) {
    console.error(`\`go ${args.join(' ')}\` failed.`);
    process.exit(1);
  }
  return stdout;
}
