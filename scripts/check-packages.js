// Packs every package as npm would publish it, installs the tarball where there is nothing else, and looks at that: publint, are-the-types-wrong,
// what is in it, what it takes on a disk, and whether the command line runs.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { installAlone, withDependencies } from './install-alone.js';

const ALLOWED = /^(dist\/.+\.(js|js\.map|d\.ts)|dist\/cjs\/package\.json|dist\/third-party-licenses\.txt|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
/** What npm would run on the machine of whoever installs a package. */
const INSTALLING = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];
const NEEDED = ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json', 'dist/index.js', 'dist/index.d.ts'];
/** For everything that npm installs with a package, peers included. grpc-js takes 14 by itself: protobufjs, the types of Node. */
const LIMIT_MB = 12;
const LIMITS_MB = { '@hedgerow/grpc': 22 };
const npx = process.platform === 'win32' ? 'npx.cmd' : 'npx';
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** What a file tells of the machine that it was built on. */
function leaks(file) {
  const text = readFileSync(file, 'utf8');
  const complaints = text.includes(process.cwd()) ? [`holds the path of this checkout, ${process.cwd()}`] : [];
  if (!file.endsWith('.map')) return complaints;
  const { sourceRoot = '', sources } = JSON.parse(text);
  const outside = [sourceRoot, ...sources].filter((source) => path.isAbsolute(source) || source.includes(':'));
  return [...complaints, ...outside.map((source) => `maps to ${source}, outside of the package`)];
}

let failures = 0;
const fail = (name, message) => {
  failures++;
  console.error(`${name}: ${message}`);
};

/** Every package, packed. */
function packAll(target) {
  return readdirSync('packages').map((folder) => {
    const directory = path.join('packages', folder);
    const manifest = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
    const packed = execFileSync(npm, ['pack', '--json', '--pack-destination', target], { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const parsed = JSON.parse(packed);
    const [{ filename, files }] = Array.isArray(parsed) ? parsed : Object.values(parsed);
    return { manifest, files, tarball: path.join(target, path.basename(filename)) };
  });
}

/** The command line, as it is installed. Takes some seconds. */
function runCli(home) {
  writeFileSync(path.join(home, 'latencies.txt'), Array.from({ length: 500 }, (_, index) => (index % 20 === 0 ? 200 : 10 + (index % 13))).join('\n'));
  const commands = ['--version', 'advise latencies.txt', 'simulate -n 500 -w 200 --report simulation.html', 'demo --quick --client all -n 100 -w 30'];
  for (const args of commands.map((command) => command.split(' '))) {
    try {
      execFileSync(npx, ['--no-install', 'hedgerow', ...args], { cwd: home, encoding: 'utf8', stdio: 'pipe', timeout: 120_000 });
    } catch (error) {
      fail('hedgerow', `\`hedgerow ${args.join(' ')}\` fails where it is installed:\n${error.stderr || error.message}`);
    }
  }
}

const target = mkdtempSync(path.join(tmpdir(), 'hedgerow-pack-'));
try {
  const packages = packAll(target);
  const manifests = new Map(packages.map(({ manifest }) => [manifest.name, manifest]));
  const tarballs = new Map(packages.map(({ manifest, tarball }) => [manifest.name, tarball]));
  for (const { manifest, files, tarball } of packages) {
    const { name, version, scripts = {}, exports } = manifest;
    const home = path.join(target, name.replace('/', '-'));
    const directory = path.join(home, 'node_modules', name);
    const megabytes = installAlone(home, withDependencies(name, manifests).map((one) => tarballs.get(one))) / 1e6;
    const limit = LIMITS_MB[name] ?? LIMIT_MB;
    if (megabytes > limit) fail(name, `it takes ${megabytes.toFixed(1)} MB when it is installed, more than ${limit}`);
    const paths = files.map((file) => file.path);
    for (const file of paths.filter((item) => !ALLOWED.test(item))) fail(name, `${file} should not be published`);
    for (const script of INSTALLING.filter((item) => item in scripts)) fail(name, `it runs a script on installation: ${script}`);
    for (const file of paths) for (const complaint of leaks(path.join(directory, file))) fail(name, `${file} ${complaint}`);
    for (const file of NEEDED.filter((item) => !paths.includes(item))) fail(name, `${file} is missing`);

    const { messages, pkg } = await publint({ pkgDir: directory, pack: false, strict: true });
    for (const message of messages) fail(name, `publint: ${formatMessage(message, pkg, { color: false })}`);

    const profile = exports['.'].require === undefined ? 'esm-only' : 'strict';
    try {
      execFileSync(npx, ['--no-install', 'attw', tarball, '--profile', profile, '--no-color', '--no-emoji'], { encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      fail(name, `are-the-types-wrong:\n${error.stdout}`);
    }
    if ('bin' in manifest) runCli(home);
    console.log(`${name}@${version}: ${paths.length} files, ${megabytes.toFixed(1)} MB with all that it brings`);
  }
} finally {
  rmSync(target, { recursive: true, force: true });
}
console.log(failures === 0 ? 'all packages are as they should be' : `${failures} problem(s)`);
process.exitCode = failures === 0 ? 0 : 1;
