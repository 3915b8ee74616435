// npm run release: see "Versions and releases" in CONTRIBUTING.md.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { addressOf, withAddress } from './address.js';

const HELP = `npm run release -- [version] [options]

Publishes all packages, each with the repository, homepage and bugs of the root's package.json. Without a version, what the registry does not have yet:
the first release, or the rest of one that broke off.

  <version>         major, minor, patch or an exact one: lerna writes it into every package, commits, tags and pushes
  --dist-tag <tag>  another than latest
  --provenance      a statement of where this was built, signed; only a CI that npm knows can give it
  --no-push         leaves commits and tags here
  --no-check        without npm run check:packages, which builds anew
  --yes             asks nothing
  --help            shows this`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'dist-tag': { type: 'string' }, provenance: { type: 'boolean' }, 'no-push': { type: 'boolean' }, 'no-check': { type: 'boolean' }, yes: { type: 'boolean' }, help: { type: 'boolean' } },
});
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx';
const yes = values.yes ? ['--yes'] : [];

process.chdir(path.join(import.meta.dirname, '../..'));
if (values.help) console.log(HELP);
else {
  try {
    release(positionals[0]);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}

function release(version) {
  const address = addressOf(JSON.parse(readFileSync('package.json', 'utf8')));
  if (run('git', ['status', '--porcelain'], 'pipe') !== '') throw new Error('There are changes that are not committed. Nothing was released.');
  copyAddress(address);
  if (version !== undefined) lerna(['version', version, ...(values['no-push'] ? ['--no-push'] : []), ...yes]);
  if (!values['no-check']) checkAnew();
  const tag = values['dist-tag'];
  lerna(['publish', 'from-package', ...(tag === undefined ? [] : ['--dist-tag', tag]), ...yes]);
}

/** Modules that have another name now would still lie in `dist`, and be published. */
function checkAnew() {
  for (const name of readdirSync('packages')) rmSync(path.join('packages', name, 'dist'), { recursive: true, force: true });
  run(npm, ['run', 'check:packages']);
}

/** Commits it if it is new. */
function copyAddress(address) {
  const files = readdirSync('packages').map((name) => `packages/${name}/package.json`);
  for (const file of files) {
    const manifest = withAddress(JSON.parse(readFileSync(file, 'utf8')), address, path.posix.dirname(file));
    writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
  }
  if (run('git', ['status', '--porcelain'], 'pipe') !== '') run('git', ['commit', '--quiet', '--message', 'Where the source is, in every package', ...files]);
}

function lerna(args) {
  run(npx, ['--no-install', 'lerna', ...args], 'inherit', values.provenance ? { npm_config_provenance: 'true' } : {});
}

function run(command, args, stdout = 'inherit', env = {}) {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['inherit', stdout, 'inherit'], env: { ...process.env, ...env } });
}
