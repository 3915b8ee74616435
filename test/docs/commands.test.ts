import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadSync } from '@grpc/proto-loader';
import { blocksOf, pages, ROOT, type Block } from './pages.js';

/** Commands that are not run here, and why that is no gap. */
const NOT_RUN: readonly (readonly [RegExp, string])[] = [
  [/^npm ci$/, 'how this checkout came to be'],
  [/^npm test$/, 'what runs this'],
  [/^npm install @hedgerow\//, 'the packages are not published yet; test:publish installs them from a registry of its own'],
  [/^npm pack /, 'test:publish packs them'],
  [/^npm run release\b/, 'test:publish rehearses it'],
  [/^cd \.\.\/your-project && npm install /, 'the reader has that project'],
  [/^docker compose up -d$/, 'needs a container engine; the files of the collector and of Prometheus are run by test:metrics'],
  [/^OTEL_SERVICE_NAME=shop node --import \.\.\/dist\/observability\/register\.js /, 'needs a collector: test:jaeger runs it'],
];

/** Languages of blocks that are no code of ours, and who vouches for them. */
const NOT_CODE: Readonly<Record<string, string>> = {
  '': 'a drawing',
  text: 'what a program prints, or a drawing',
  nginx: 'configuration of nginx',
  apache: 'configuration of Apache',
  haproxy: 'part of examples/load-balancer/haproxy.cfg, which test:balancer runs',
  promql: 'test:metrics puts these to a real Prometheus',
};
/** Run, or parsed, by snippets.test.ts and below. */
const CODE: readonly string[] = ['ts', 'js', 'sh', 'proto'];

const BIN = join(ROOT, 'packages/cli/dist/bin.js');
/** `npx hedgerow …` and the like, but quick: the real command, with less of what takes time. Later flags count. */
const SHIM = `#!/bin/sh
[ "$1" = hedgerow ] || { echo "not hedgerow: $1" >&2; exit 1; }
shift
case "$1" in
  demo) set -- "$@" --quick -n 100 -w 30 ;;
  advise) case "$*" in *--simulate) set -- "$@" 5000 ;; esac ;;
  simulate) set -- "$@" -n 2000 -w 500 ;;
esac
exec "${process.execPath}" "${BIN}" "$@"
`;

const blocks = pages().flatMap(blocksOf);
const commands = blocks.filter(({ language }) => language === 'sh').flatMap(commandsOf);
/** Each once, however many pages have it. */
const ours = [...new Map(commands.filter(({ command }) => isRun(command)).map((place) => [place.command, place])).values()];

describe('commands in the documentation', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'hedgerow-commands-'));
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/npx'), SHIM);
    chmodSync(join(folder, 'bin/npx'), 0o755);
    writeFileSync(join(folder, 'latencies.txt'), latencies().map((ms) => ms.toFixed(3)).join('\n'));
    const log = latencies().map((ms) => `10.0.0.1 - [21/Nov/2026:12:00:00 +0000] "GET /items/42 HTTP/1.1" 200 512 rt=${(ms / 1000).toFixed(3)}`).join('\n');
    writeFileSync(join(folder, 'access.log'), log);
    writeFileSync(join(folder, 'access.log.gz'), gzipSync(log));
    mkdirSync(join(folder, 'logs'));
    writeFileSync(join(folder, 'logs/monday.gz'), gzipSync(log));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are ours, or are known', () => {
    expect(commands.filter((command) => !isKnown(command)).map(placeOf)).toEqual([]);
  });

  it('name scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const named = commands.flatMap((place) => Array.from(place.command.matchAll(/\bnpm run ([\w:-]+)/g), ([, script = '']) => ({ ...place, script })));
    expect(named.filter(({ script }) => scripts[script] === undefined).map(placeOf)).toEqual([]);
  });

  it('name files that exist', () => {
    expect(commands.filter(({ command }) => fileOf(command) !== undefined && !existsSync(join(ROOT, fileOf(command) ?? ''))).map(placeOf)).toEqual([]);
  });

  it.each(ours.map((place) => [placeOf(place), place.command]))(
    'run: %s',
    async (_place, command) => {
      const path = `${join(folder, 'bin')}${delimiter}${process.env.PATH ?? ''}`;
      const { stdout } = await promisify(execFile)('sh', ['-ec', command], { cwd: folder, env: { ...process.env, PATH: path }, timeout: 110_000 });
      if (!command.includes(' > ')) expect(stdout).not.toBe('');
    },
  );
});

describe('other blocks of the documentation', () => {
  it('are code, or are known not to be', () => {
    const unknown = blocks.filter(({ language }) => !CODE.includes(language) && NOT_CODE[language] === undefined);
    expect(unknown.map(({ page, line, language }) => `${page}:${line}: ${language}`)).toEqual([]);
  });

  it('are not skipped', () => {
    expect(blocks.filter(({ marks }) => marks.includes('no-check')).map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });

  it('need every exception that is made for them', () => {
    expect(NOT_RUN.filter(([pattern]) => !commands.some(({ command }) => pattern.test(command))).map(([, reason]) => reason)).toEqual([]);
    expect(Object.keys(NOT_CODE).filter((language) => !blocks.some((block) => block.language === language))).toEqual([]);
  });

  it.each(blocks.filter(({ language }) => language === 'proto').map(({ page, line, code }) => [`${page}:${line}`, code]))('is a proto: %s', (_place, code) => {
    const folder = mkdtempSync(join(tmpdir(), 'hedgerow-proto-'));
    writeFileSync(join(folder, 'block.proto'), `syntax = "proto3";\nmessage Query {}\nmessage Item {}\n${code}`);
    expect(Object.keys(loadSync(join(folder, 'block.proto')))).toContain('Catalog');
    rmSync(folder, { recursive: true });
  });
});

/** A command and where it stands. */
interface Place {
  readonly page: string;
  readonly line: number;
  readonly command: string;
}

/** One per line, without its comment. */
function commandsOf({ page, line, code }: Block): Place[] {
  return code
    .split('\n')
    .map((text, index) => ({ page, line: line + index, command: text.replace(/(?:^|\s)#\s.*$/, '').trim() }))
    .filter(({ command }) => command !== '');
}

function placeOf({ page, line, command }: Place): string {
  return `${page}:${line}: ${command}`;
}

function isKnown({ command }: Place): boolean {
  if (NOT_RUN.some(([pattern]) => pattern.test(command))) return true;
  return command.split(' && ').every((part) => part === 'npm ci' || part === 'npm test' || part.startsWith('npm run ') || fileOf(part) !== undefined || isRun(part));
}

/** What is run here, or makes the input of what is. */
function isRun(command: string): boolean {
  return /\bnpx hedgerow\b/.test(command) || /^grep .* access\.log > items\.log$/.test(command);
}

/** The file of this repository that a command starts; of a compiled one its source. */
function fileOf(command: string): string | undefined {
  const [, script, example] = /^(\.ci\/\S+|scripts\/\S+)$|^node examples\/dist\/(\S+)\.js$/.exec(command) ?? [];
  return example === undefined ? script : `examples/src/${example}.ts`;
}

/** Seeded: 5 ms and a little, one in twenty ten times longer. */
function latencies(): number[] {
  return Array.from({ length: 2_000 }, (_, index) => (4 + (index % 17) / 4) * ((index * 7919) % 20 === 0 ? 10 : 1));
}
