// Packs every package as npm would publish it and looks at the tarball: publint, are-the-types-wrong, and what is in it.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const ALLOWED = /^(dist\/.+\.(js|js\.map|d\.ts)|dist\/cjs\/package\.json|README\.md|LICENSE|CHANGELOG\.md|package\.json)$/;
/** What npm would run on the machine of whoever installs a package. */
const INSTALLING = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];
const NEEDED = ['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json', 'dist/index.js', 'dist/index.d.ts'];
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

for (const directory of readdirSync('packages').map((name) => path.join('packages', name))) {
  const { name, version, scripts = {}, exports } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
  const target = mkdtempSync(path.join(tmpdir(), 'hedgerow-pack-'));
  try {
    const packed = execFileSync(npm, ['pack', '--json', '--pack-destination', target], { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const parsed = JSON.parse(packed);
    const [{ filename, files }] = Array.isArray(parsed) ? parsed : Object.values(parsed);
    const paths = files.map((file) => file.path);
    for (const file of paths.filter((item) => !ALLOWED.test(item))) fail(name, `${file} should not be published`);
    for (const script of INSTALLING.filter((item) => item in scripts)) fail(name, `it runs a script on installation: ${script}`);
    for (const file of paths) for (const complaint of leaks(path.join(directory, file))) fail(name, `${file} ${complaint}`);
    for (const file of NEEDED.filter((item) => !paths.includes(item))) fail(name, `${file} is missing`);

    const { messages, pkg } = await publint({ pkgDir: directory, strict: true });
    for (const message of messages) fail(name, `publint: ${formatMessage(message, pkg, { color: false })}`);

    const profile = exports['.'].require === undefined ? 'esm-only' : 'strict';
    const tarball = path.join(target, path.basename(filename));
    try {
      execFileSync(npx, ['--no-install', 'attw', tarball, '--profile', profile, '--no-color', '--no-emoji'], { encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      fail(name, `are-the-types-wrong:\n${error.stdout}`);
    }
    console.log(`${name}@${version}: ${paths.length} files`);
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}
console.log(failures === 0 ? 'all packages are as they should be' : `${failures} problem(s)`);
process.exitCode = failures === 0 ? 0 : 1;
