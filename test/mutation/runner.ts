/**
 * A test runner for Stryker that keeps the tests loaded: jest-circus in Stryker's worker, without jest's sandbox per file,
 * so that a mutant costs the milliseconds of the tests that reach it instead of seconds of loading.
 * That is sound where modules hold no state, which is a rule of this project; and each kill is checked:
 * the test that failed has to pass again, in the same process, with the mutant off.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { INSTRUMENTER_CONSTANTS, type InstrumenterContext, type StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
  type CompleteDryRunResult,
  type DryRunResult,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
} from '@stryker-mutator/api/test-runner';
import { Suite } from './suite.js';

interface Options {
  /** Folders and files of compiled tests. */
  readonly tests: readonly string[];
  /** Tests that no mutant is worth: all whose name, with the file's before it, contains one of these. */
  readonly leaveOut: readonly string[];
  /** Processor time of all the tests tried against one mutant, the quickest first. */
  readonly maxCostMs: number;
}

/** What the instrumented code reads; `hooks.ts` adds the end of counting. */
interface Context extends InstrumenterContext {
  isCounted?: boolean;
}

/** What each test took when all were tried, for the workers that come later. */
const COSTS = 'warm-costs.json';

class WarmRunner implements TestRunner {
  static readonly inject = tokens(commonTokens.options);

  readonly #options: Options;
  readonly #context: Context = {};
  readonly #suites: Suite[] = [];

  constructor(options: StrykerOptions) {
    this.#options = options.warm as Options;
    Object.assign(globalThis, { [INSTRUMENTER_CONSTANTS.NAMESPACE]: this.#context });
  }

  /** A worker that has loaded the code cannot load it again: for mutants in code that runs once, Stryker starts another. */
  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: false };
  }

  init(): Promise<void> {
    const here = (file: string): string => new URL(file, import.meta.url).href;
    register('./hooks.js', import.meta.url, {
      data: {
        '@jest/globals': here('globals.js'),
        'fast-check': here('properties.js'),
        '@hedgerow/core': pathToFileURL('packages/core/dist/index.js').href,
        '@hedgerow/core/adapter': pathToFileURL('packages/core/dist/adapter.js').href,
        '@hedgerow/core/describe': pathToFileURL('packages/core/dist/describe/index.js').href,
        '@hedgerow/core/policy': pathToFileURL('packages/core/dist/policy.js').href,
      },
    });
    return Promise.resolve();
  }

  async dryRun(): Promise<DryRunResult> {
    const tests: TestResult[] = [];
    for (const suite of await this.#loaded()) {
      tests.push(...(await suite.run({ only: undefined, bail: false, onTest: (id) => this.#attribute(id) })));
    }
    this.#context.isCounted = true;
    await writeFile(COSTS, JSON.stringify(this.#suites.flatMap(({ costsMs }) => [...costsMs])));
    const mutantCoverage = this.#context.mutantCoverage ?? { static: {}, perTest: {} };
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation }: MutantRunOptions): Promise<MutantRunResult> {
    this.#context.isCounted = true;
    // Whatever no mutant may spoil is loaded by now.
    const suites = mutantActivation === 'runtime' ? await this.#loaded() : undefined;
    this.#activate(activeMutant.id, hitLimit);
    const only = affordable(await costs(), testFilter && new Set(testFilter), this.#options.maxCostMs);
    let outcome: CompleteDryRunResult;
    try {
      outcome = await untilFailure(suites ? quickestFirst(suites, only) : this.#load(), only);
    } catch (error) {
      if (suites) throw error;
      // The code cannot even be loaded with the mutant.
      return { status: MutantRunStatus.Killed, killedBy: [], failureMessage: String(error), nrOfTests: 0 };
    }
    const timeout = determineHitLimitReached(this.#context.hitCount, this.#context.hitLimit);
    this.#activate(undefined, undefined);
    if (suites) await checkKill(suites, outcome);
    return toMutantRunResult(timeout ?? outcome);
  }

  async #loaded(): Promise<readonly Suite[]> {
    if (this.#suites.length === 0) for await (const suite of this.#load()) this.#suites.push(suite);
    return this.#suites;
  }

  /** One file after the other, those with quick tests first. */
  async *#load(): AsyncGenerator<Suite> {
    const known = await costs();
    const costOf = (file: string): number => [...known].reduce((sum, [id, ms]) => (id.startsWith(file) ? sum + ms : sum), 0);
    const files = (await Promise.all(this.#options.tests.map(testFiles))).flat();
    for (const file of files.sort((a, b) => costOf(a) - costOf(b))) yield await Suite.load(file, this.#options.leaveOut, known);
  }

  /** Tells the instrumented code which test runs: none is what happens while loading. */
  #attribute(id: string | undefined): void {
    if (id === undefined) delete this.#context.currentTestId;
    else this.#context.currentTestId = id;
  }

  #activate(id: string | undefined, hitLimit: number | undefined): void {
    if (id === undefined) delete this.#context.activeMutant;
    else this.#context.activeMutant = id;
    if (hitLimit === undefined) {
      delete this.#context.hitLimit;
      delete this.#context.hitCount;
    } else Object.assign(this.#context, { hitLimit, hitCount: 0 });
  }
}

/** What the dry run found that each test costs; nothing before it. */
async function costs(): Promise<ReadonlyMap<string, number>> {
  return new Map(JSON.parse(await readFile(COSTS, 'utf8').catch(() => '[]')) as [string, number][]);
}

/** The quickest of these tests, for as long as they may take. */
function affordable(known: ReadonlyMap<string, number>, wanted: ReadonlySet<string> | undefined, maxCostMs: number): ReadonlySet<string> {
  let left = maxCostMs;
  const ascending = [...known].filter(([id]) => !wanted || wanted.has(id)).sort(([, a], [, b]) => a - b);
  return new Set(ascending.flatMap(([id, costMs]) => ((left -= costMs) >= 0 ? [id] : [])));
}

/** Most mutants fail many tests. */
function quickestFirst(suites: readonly Suite[], only: ReadonlySet<string>): readonly Suite[] {
  const cost = (suite: Suite): number => [...suite.costsMs].reduce((sum, [id, ms]) => (only.has(id) ? sum + ms : sum), 0);
  return suites.filter(({ costsMs }) => [...costsMs.keys()].some((id) => only.has(id))).sort((a, b) => cost(a) - cost(b));
}

async function untilFailure(suites: Iterable<Suite> | AsyncIterable<Suite>, only: ReadonlySet<string>): Promise<CompleteDryRunResult> {
  const tests: TestResult[] = [];
  for await (const suite of suites) {
    const results = await suite.run({ only, bail: true });
    tests.push(...results);
    if (results.some(hasFailed)) break;
  }
  return { status: DryRunStatus.Complete, tests };
}

/** Rejects when a test fails without any mutant: Stryker then starts another worker and tries the mutant again. */
async function checkKill(suites: readonly Suite[], { tests }: CompleteDryRunResult): Promise<void> {
  const killers = new Set(tests.filter(hasFailed).map(({ id }) => id));
  if (killers.size === 0) return;
  const again = await untilFailure(quickestFirst(suites, killers), killers);
  const broken = again.tests.find(hasFailed);
  if (broken) throw new Error(`"${broken.name}" fails without a mutant as well: the worker is spoilt`);
}

function hasFailed({ status }: TestResult): boolean {
  return status === TestStatus.Failed;
}

async function testFiles(path: string): Promise<string[]> {
  if (path.endsWith('.js')) return [path];
  return (await readdir(path)).filter((name) => name.endsWith('.test.js')).map((name) => join(path, name));
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'warm', WarmRunner)];
