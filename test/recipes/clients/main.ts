/**
 * The recipes of docs/guides/recipes.md and docs/guides/testing.md, with the packages as npm would publish them, in a project outside of the repository: each is type-checked; a client has to hedge
 * what reads, and to send what writes once; a test has to pass.
 *
 * Usage: npm run test:recipes:clients [-- --only <part of a name>]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { packForProjects, prepare } from '../../packaging/projects.js';
import { execute } from '../../support/execute.js';
import { HELD_MS, startRecipeBackend } from './backend.js';
import { checks, recipes, type Recipe } from './starters.js';
import { VERSIONS } from './versions.js';

const RUN_MS = 60_000;
/** As strict as most, and with the decorators of Nest. */
const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  strict: true,
  skipLibCheck: true,
  noEmit: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts'],
  types: ['node'],
};

const { only = '' } = parseArgs({ options: { only: { type: 'string' } } }).values;
const chosen = recipes().filter(({ name }) => name.includes(only));
const missed: string[] = [];

await using backend = await startRecipeBackend();
const project = { name: 'recipes', packages: ['axios', 'fetch', 'got'], dependencies: VERSIONS, type: 'module' } as const;
const directory = await prepare(project, await packForProjects());
for (const complaint of typeCheck([...recipes(), ...checks()])) missed.push(complaint);
for (const recipe of [...recipes(), ...checks()]) write(recipe);
for (const { kind, name } of chosen) {
  const fault = kind === 'testing' ? await runTest(name) : await runClient(name);
  console.log(`${fault === undefined ? '✓' : '✗'} ${name}`);
  if (fault !== undefined) missed.push(`${name}: ${fault}`);
}
console.log(missed.length === 0 ? `All ${chosen.length} as they should be.` : missed.join('\n'));
process.exitCode = missed.length === 0 ? 0 : 1;

/** What a program of a test threw. */
async function runTest(name: string): Promise<string | undefined> {
  const { ok, output } = await execute(process.execPath, [`testing/${name}.js`], { cwd: directory, timeoutMs: RUN_MS });
  return ok ? undefined : output;
}

interface Told {
  readonly items: { readonly received: number; readonly tookMs: number; readonly answer: unknown };
  readonly pay?: { readonly received: number; readonly tookMs: number };
}

/** What is wrong with how a client was hedged. */
async function runClient(name: string): Promise<string | undefined> {
  const module = checks().some((check) => check.name === name) ? `./${name}.js` : `../clients/${name}.js`;
  const { output } = await execute(process.execPath, ['checks/run.js', module, backend.origin(name)], { cwd: directory, timeoutMs: RUN_MS });
  const [, json] = /^HEDGEROW (.*)$/m.exec(output) ?? [];
  if (json === undefined) return `it said nothing of its calls:\n${output}`;
  const { items, pay } = JSON.parse(json) as Told;
  if (items.received !== 2 || items.tookMs >= HELD_MS) return `what reads was sent ${items.received} times and took ${Math.round(items.tookMs)} ms`;
  if (!JSON.stringify(items.answer).includes('"id":1')) return `it answered ${JSON.stringify(items.answer)}`;
  if (pay !== undefined && (pay.received !== 1 || pay.tookMs < HELD_MS)) return `what writes was sent ${pay.received} times and took ${Math.round(pay.tookMs)} ms`;
  return undefined;
}

/** As JavaScript that asks a local server, and hedges soon. */
function write({ kind, name, code }: Recipe): void {
  const local = code.replaceAll('https://api.example.com', backend.origin(name)).replace('new Hedger()', 'new Hedger({ delay: 20, budget: false })');
  const { outputText } = ts.transpileModule(local, { compilerOptions: { ...OPTIONS, module: ts.ModuleKind.ESNext } });
  mkdirSync(join(directory, kind), { recursive: true });
  writeFileSync(join(directory, kind, `${name}.js`), outputText);
}

function typeCheck(sources: readonly Recipe[]): string[] {
  const files = sources.map(({ kind, name, code }) => {
    const file = join(directory, kind, `${name}.ts`);
    mkdirSync(join(directory, kind), { recursive: true });
    writeFileSync(file, code);
    return file;
  });
  const program = ts.createProgram(files, OPTIONS);
  return ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => `${file?.fileName ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}
