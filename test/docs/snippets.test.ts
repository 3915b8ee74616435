import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { blocksOf, pages, ROOT, type Block } from './pages.js';
import { startStandIns, type StandIns } from './stand-ins.js';

/** Where snippets are written; below the root, so that they find the packages by their published names. */
const FOLDER = join(ROOT, 'test/.build/docs-snippets');
/** TypeScript is type-checked. JavaScript has to parse: CommonJS code, for one, sees types of axios that are not ours. */
const LANGUAGES: readonly string[] = ['ts', 'js'];

/** Names that readers of a page have already, and the module that has them. A README, and any other page, is copied as it stands. */
const READERS: Readonly<Record<string, readonly string[]>> = {
  'docs/guides/axios.md': ['axios', 'axiosRetry', 'client', 'hedgedAdapter', 'response', 'user'],
  'docs/guides/aws.md': ['client'],
  'docs/guides/elasticsearch.md': ['client'],
  'docs/guides/fetch.md': ['hedgedFetch', 'response'],
  'docs/guides/got.md': ['client', 'response', 'url', 'user'],
  'docs/guides/grpc.md': ['client'],
};

/** But for those marked `recipe`, which need clients of others: `npm run test:recipes:clients` runs them. */
const snippets = pages()
  .flatMap(blocksOf)
  .filter(({ language, marks }) => LANGUAGES.includes(language) && !marks.includes('no-check') && !marks.includes('recipe'));
/** Programs: whole, with an output and an end. */
const programs = snippets.filter(({ marks }) => marks.includes('run'));
/** Everything else need not be a program of its own. */
const fragments = snippets.filter(({ marks }) => !marks.includes('run'));

describe('code in the documentation', () => {
  let standIns: StandIns;

  beforeAll(async () => {
    rmSync(FOLDER, { recursive: true, force: true });
    mkdirSync(FOLDER, { recursive: true });
    standIns = await startStandIns();
  });

  afterAll(async () => {
    await standIns[Symbol.asyncDispose]();
  });

  it('compiles, each block as a module of its own', () => {
    const byFile = new Map(snippets.map((snippet) => [write(snippet), snippet]));
    const program = ts.createProgram([...byFile.keys()], compilerOptions());
    const complaints = ts
      .getPreEmitDiagnostics(program)
      .map((diagnostic) => describeProblem(diagnostic, byFile));
    expect(complaints).toEqual([]);
    expect(byFile.size).toBeGreaterThan(10);
  });

  it('runs as a program in the README of every package', () => {
    const packages = programs.map(({ page }) => page).filter((page) => page.startsWith('packages/'));
    expect([...new Set(packages)]).toEqual(
      ['axios', 'cli', 'core', 'fetch', 'got', 'opentelemetry'].map((name) => `packages/${name}/README.md`),
    );
  });

  it.each(programs.map((snippet) => [`${snippet.page}:${snippet.line}`, snippet] as const))('runs as a program: %s', async (_name, snippet) => {
    const file = writeRunnable(snippet, standIns);
    const { stdout, stderr } = await runNode([file], standIns);
    expect({ stderr, said: stdout !== '' }).toEqual({ stderr: '', said: true });
  });

  it('runs, every other block', async () => {
    const byFile = new Map(fragments.map((snippet) => [writeRunnable(snippet, standIns), `${snippet.page}:${snippet.line}`]));
    const [list, result] = [join(standIns.folder, 'list.json'), join(standIns.folder, 'result.json')];
    writeFileSync(list, JSON.stringify([...byFile.keys()]));
    await runNode([join(ROOT, 'test/.build/docs/run-snippets.js'), list, result], standIns);
    const failures = Object.entries(JSON.parse(readFileSync(result, 'utf8')) as Record<string, string>);
    expect(failures.map(([file, error]) => `${byFile.get(file) ?? file}: ${error}`)).toEqual([]);
    expect(byFile.size).toBeGreaterThan(30);
  });
});

/** Runs Node where the files are that snippets speak of. */
async function runNode(args: readonly string[], { folder, env }: StandIns): Promise<{ stdout: string; stderr: string }> {
  return await promisify(execFile)(process.execPath, args, { cwd: folder, env: { ...process.env, ...env }, timeout: 110_000 });
}

/** As JavaScript that asks local servers. */
function writeRunnable(snippet: Block, standIns: StandIns): string {
  const code = standIns.localized(withReadersNames(snippet));
  const file = join(FOLDER, `run-${nameOf(snippet)}.${isCommonJs(snippet) ? 'cjs' : 'js'}`);
  const { outputText } = ts.transpileModule(code, { compilerOptions: { ...compilerOptions(), module: ts.ModuleKind.ESNext } });
  writeFileSync(file, isCommonJs(snippet) ? code : outputText);
  return file;
}

function write(snippet: Block): string {
  const file = join(FOLDER, `${nameOf(snippet)}.${isCommonJs(snippet) ? 'cjs' : snippet.language}`);
  writeFileSync(file, isCommonJs(snippet) ? snippet.code : `${withReadersNames(snippet)}\nexport {};\n`);
  return file;
}

function isCommonJs({ language, code }: Block): boolean {
  return language === 'js' && /\brequire\(/.test(code);
}

/** The import stands on the first line, so that lines are counted as on the page. */
function withReadersNames({ page, code, language }: Block): string {
  const known = language === 'ts' ? (READERS[page] ?? []) : [];
  const declared = declaredIn(code);
  const missing = known.filter((name) => !declared.has(name) && new RegExp(`\\b${name}\\b`).test(code));
  if (missing.length === 0) return code;
  const module = page.replace(/^docs\/guides\/(.+)\.md$/, '../docs/readers/$1.js');
  return `import { ${missing.join(', ')} } from '${module}'; ${code}`;
}

/** Names that a snippet has at its top level. */
function declaredIn(code: string): Set<string> {
  const names = new Set<string>();
  const add = (name: ts.BindingName | undefined): void => {
    if (name === undefined) return;
    if (ts.isIdentifier(name)) names.add(name.text);
    else for (const element of name.elements) if (ts.isBindingElement(element)) add(element.name);
  };
  for (const statement of ts.createSourceFile('snippet.ts', code, ts.ScriptTarget.Latest).statements) {
    if (ts.isVariableStatement(statement)) for (const { name } of statement.declarationList.declarations) add(name);
    if (ts.isFunctionDeclaration(statement)) add(statement.name);
    if (!ts.isImportDeclaration(statement)) continue;
    add(statement.importClause?.name);
    const bindings = statement.importClause?.namedBindings;
    if (bindings !== undefined && ts.isNamedImports(bindings)) for (const { name } of bindings.elements) add(name);
  }
  return names;
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

/** With the place in the page, not that in the written file. */
function describeProblem({ file, start = 0, messageText }: ts.Diagnostic, snippets: ReadonlyMap<string, Block>): string {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  const snippet = file && snippets.get(file.fileName);
  if (file === undefined || snippet === undefined) return `${file?.fileName ?? ''}: ${message}`;
  return `${snippet.page}:${snippet.line + file.getLineAndCharacterOfPosition(start).line}: ${message}`;
}
