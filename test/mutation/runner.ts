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
}

class WarmRunner implements TestRunner {
  static readonly inject = tokens(commonTokens.options);

  readonly #options: Options;
  readonly #context: InstrumenterContext = {};
  #suites: Suite[] | undefined;

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
      },
    });
    return Promise.resolve();
  }

  async dryRun(): Promise<DryRunResult> {
    const suites = await this.#load();
    const tests: TestResult[] = [];
    for (const suite of suites) {
      tests.push(...(await suite.run({ only: undefined, bail: false, onTest: (id) => this.#attribute(id) })));
    }
    const mutantCoverage = this.#context.mutantCoverage ?? { static: {}, perTest: {} };
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, mutantActivation }: MutantRunOptions): Promise<MutantRunResult> {
    if (mutantActivation === 'static') this.#context.activeMutant = activeMutant.id;
    const suites = await this.#load();
    const only = testFilter && new Set(testFilter);
    this.#activate(activeMutant.id, hitLimit);
    const outcome = await this.#untilFailure(suites, only);
    const timeout = determineHitLimitReached(this.#context.hitCount, this.#context.hitLimit);
    this.#activate(undefined, undefined);
    if (mutantActivation === 'runtime') await this.#checkKill(suites, outcome);
    return toMutantRunResult(timeout ?? outcome);
  }

  async #load(): Promise<Suite[]> {
    if (this.#suites) return this.#suites;
    const files = await Promise.all(this.#options.tests.map(testFiles));
    this.#suites = [];
    for (const file of files.flat()) this.#suites.push(await Suite.load(file, this.#options.leaveOut));
    return this.#suites;
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

  async #untilFailure(suites: readonly Suite[], only: ReadonlySet<string> | undefined): Promise<CompleteDryRunResult> {
    const tests: TestResult[] = [];
    // The quickest first: most mutants fail many tests.
    for (const suite of suites.filter((each) => each.holds(only)).sort((a, b) => a.costMs(only) - b.costMs(only))) {
      const results = await suite.run({ only, bail: true });
      tests.push(...results);
      if (results.some(({ status }) => status === TestStatus.Failed)) break;
    }
    return { status: DryRunStatus.Complete, tests };
  }

  /** Rejects when a test fails without any mutant: Stryker then starts another worker and tries the mutant again. */
  async #checkKill(suites: readonly Suite[], { tests }: CompleteDryRunResult): Promise<void> {
    const killers = new Set(tests.filter(({ status }) => status === TestStatus.Failed).map(({ id }) => id));
    if (killers.size === 0) return;
    const again = await this.#untilFailure(suites, killers);
    const broken = again.tests.find(({ status }) => status === TestStatus.Failed);
    if (broken) throw new Error(`"${broken.name}" fails without a mutant as well: the worker is spoilt`);
  }
}

async function testFiles(path: string): Promise<string[]> {
  if (path.endsWith('.js')) return [path];
  return (await readdir(path)).filter((name) => name.endsWith('.test.js')).map((name) => join(path, name));
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'warm', WarmRunner)];
