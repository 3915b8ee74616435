import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startCluster, type Cluster } from 'hedgerow';
import ts from 'typescript';
import { blocksOf, pages, ROOT, type Block } from './pages.js';

/** Where snippets are written; below the root, so that they find the packages by their published names. */
const FOLDER = join(ROOT, 'test/.build/docs-snippets');
/** What snippets ask; a local cluster stands in for it. */
const EXAMPLE_ORIGIN = 'https://api.example.com';
/** TypeScript is type-checked. JavaScript has to parse: CommonJS code, for one, sees types of axios that are not ours. */
const LANGUAGES: readonly string[] = ['ts', 'js'];

/** The compiler's "Cannot find name", without and with a guess at what was meant. */
const CANNOT_FIND_NAME: readonly number[] = [2304, 2552];

const snippets = pages()
  .flatMap(blocksOf)
  .filter(({ language, marks }) => LANGUAGES.includes(language) && !marks.includes('no-check'));
const runnable = snippets.filter(({ marks }) => marks.includes('run'));

describe('code in the documentation', () => {
  let cluster: Cluster;

  beforeAll(async () => {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    cluster = await startCluster({ isolated: true });
  });

  afterAll(() => cluster.close());

  it('compiles, each block as a module of its own', () => {
    const byFile = new Map(snippets.map((snippet) => [write(snippet), snippet]));
    const program = ts.createProgram([...byFile.keys()], compilerOptions());
    const complaints = ts
      .getPreEmitDiagnostics(program)
      .filter((diagnostic) => !isReadersOwnName(diagnostic, byFile))
      .map((diagnostic) => describeProblem(diagnostic, byFile));
    expect(complaints).toEqual([]);
    expect(byFile.size).toBeGreaterThan(10);
  }, 60_000);

  it('is run in the README of every package', () => {
    const packages = runnable.map(({ page }) => page).filter((page) => page.startsWith('packages/'));
    expect([...new Set(packages)]).toEqual(
      ['axios', 'cli', 'core', 'fetch', 'got', 'opentelemetry'].map((name) => `packages/${name}/README.md`),
    );
  });

  it.each(runnable.map((snippet) => [`${snippet.page}:${snippet.line}`, snippet] as const))('runs: %s', async (_name, snippet) => {
    const file = join(FOLDER, `run-${nameOf(snippet)}.js`);
    const { outputText } = ts.transpileModule(snippet.code.replaceAll(EXAMPLE_ORIGIN, cluster.url), {
      compilerOptions: { ...compilerOptions(), module: ts.ModuleKind.ESNext },
    });
    writeFileSync(file, outputText);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [file], { cwd: ROOT, timeout: 15_000 });
    expect({ stderr, said: stdout !== '' }).toEqual({ stderr: '', said: true });
  });
});

function write(snippet: Block): string {
  const isCommonJs = snippet.language === 'js' && /\brequire\(/.test(snippet.code);
  const file = join(FOLDER, `${nameOf(snippet)}.${isCommonJs ? 'cjs' : snippet.language}`);
  writeFileSync(file, isCommonJs ? snippet.code : `${snippet.code}\nexport {};\n`);
  return file;
}

function nameOf({ page, line }: Block): string {
  return `${page.replace(/\.md$/, '').replaceAll(/\W+/g, '-')}-${line}`;
}

/** The options of the project, without what only published code needs. */
function compilerOptions(): ts.CompilerOptions {
  const config: unknown = ts.readConfigFile(join(ROOT, 'tsconfig.base.json'), (path) => ts.sys.readFile(path)).config;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  return {
    ...options,
    composite: false,
    declaration: false,
    noEmit: true,
    noUnusedLocals: false,
    allowJs: true,
    sourceMap: false,
    types: ['node'],
  };
}

/** Guides speak of `client`, `response` and the like that the reader has already; a README is copied as it stands. */
function isReadersOwnName({ file, code }: ts.Diagnostic, snippets: ReadonlyMap<string, Block>): boolean {
  const page = snippets.get(file?.fileName ?? '')?.page;
  return CANNOT_FIND_NAME.includes(code) && page?.startsWith('docs/guides/') === true;
}

/** With the place in the page, not that in the written file. */
function describeProblem({ file, start = 0, messageText }: ts.Diagnostic, snippets: ReadonlyMap<string, Block>): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  const snippet = file && snippets.get(file.fileName);
  if (file === undefined || snippet === undefined) return `${file?.fileName ?? ''}: ${message}`;
  return `${snippet.page}:${snippet.line + file.getLineAndCharacterOfPosition(start).line}: ${message}`;
}
