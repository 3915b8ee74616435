import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import type { Circus } from '@jest/types';
import { TestStatus, type TestResult } from '@stryker-mutator/api/test-runner';
import { addEventHandler, getState, resetState, run, setState } from 'jest-circus';
import { jest } from './globals.js';

export interface SuiteRun {
  /** Ids of the tests to run; all of them where undefined. */
  readonly only: ReadonlySet<string> | undefined;
  /** Skip what is left after the first failure. */
  readonly bail: boolean;
  /** Called with the id of each test that starts and with undefined when it has ended. */
  readonly onTest?: (id: string | undefined) => void;
}

interface Entry {
  readonly id: string;
  readonly test: Circus.TestEntry;
  /** Processor time that it took when all were tried. */
  costMs: number;
  /** Time that it took when it ran last. */
  tookMs: number;
}

/** A mutant that makes a test wait for ever costs so much time. */
const TEST_TIMEOUT_MS = 10_000;
/** Without a mutant nothing waits for ever, however busy the machine. */
const DRY_RUN_TIMEOUT_MS = 120_000;

/** Stryker allows a mutant so much time, and more, for each test that reaches it, though few of them are run. */
const MOST_TIME_MS = 20;

/** The tests of one file, loaded once and run as often as asked. */
export class Suite {
  readonly #file: string;
  readonly #state: Circus.State;
  readonly #entries: readonly Entry[];

  private constructor(file: string, state: Circus.State, entries: readonly Entry[]) {
    this.#file = file;
    this.#state = state;
    this.#entries = entries;
  }

  static async load(file: string, leaveOut: readonly string[], costs: ReadonlyMap<string, number> = new Map()): Promise<Suite> {
    resetState();
    await import(pathToFileURL(file).href);
    const state = getState();
    const entries = testsOf(state.rootDescribeBlock).map((test) => {
      const id = `${file}: ${fullName(test)}`;
      return { id, test, costMs: costs.get(id) ?? 0, tookMs: 0 };
    });
    return new Suite(
      file,
      state,
      entries.filter(({ id, test }) => {
        const isLeftOut = leaveOut.some((part) => id.includes(part));
        if (isLeftOut) test.mode = 'skip';
        return !isLeftOut;
      }),
    );
  }

  /** What running each of its tests took. */
  get costsMs(): ReadonlyMap<string, number> {
    return new Map(this.#entries.map(({ id, costMs }) => [id, costMs]));
  }

  async run({ only, bail, onTest }: SuiteRun): Promise<TestResult[]> {
    const chosen = new Set(this.#chosen(only));
    const entryOf = new Map(this.#entries.map((entry) => [entry.test, entry]));
    for (const entry of this.#entries) reset(entry.test, chosen.has(entry));
    setState(this.#state);
    this.#state.unhandledErrors = [];
    this.#state.testTimeout = bail ? TEST_TIMEOUT_MS : DRY_RUN_TIMEOUT_MS;
    let hasFailed = false;
    let startedAt = 0;
    let before = process.cpuUsage();
    following = (event) => {
      if (event.name === 'test_started') {
        startedAt = performance.now();
        before = process.cpuUsage();
        onTest?.(entryOf.get(event.test)?.id);
      } else if (event.name === 'test_done') {
        onTest?.(undefined);
        jest.restoreAllMocks();
        const entry = entryOf.get(event.test);
        if (entry) {
          const { user, system } = process.cpuUsage(before);
          entry.tookMs = performance.now() - startedAt;
          if (onTest) entry.costMs = (user + system) / 1_000;
        }
        hasFailed ||= event.test.errors.length > 0;
        if (bail && hasFailed) for (const { test } of this.#entries) if (test.status === null) test.mode = 'skip';
      }
    };
    const stop = catchUnhandled(() => this.#state.currentlyRunningTest);
    try {
      await run();
    } finally {
      stop();
      following = undefined;
    }
    return [...chosen].filter(({ test }) => test.status === 'done').map((entry) => this.#result(entry));
  }

  #chosen(only: ReadonlySet<string> | undefined): Entry[] {
    return this.#entries.filter(({ id }) => !only || only.has(id));
  }

  #result({ id, test, tookMs }: Entry): TestResult {
    const common = { id, name: id, timeSpentMs: Math.min(tookMs, MOST_TIME_MS), fileName: resolve(this.#file) };
    const [error] = test.errors as unknown[];
    if (error === undefined) return { ...common, status: TestStatus.Success };
    return { ...common, status: TestStatus.Failed, failureMessage: messageOf(error) };
  }
}

let following: ((event: Circus.Event) => void) | undefined;
addEventHandler((event: Circus.Event) => following?.(event));

function testsOf(block: Circus.DescribeBlock): Circus.TestEntry[] {
  return block.children.flatMap((child) => (child.type === 'test' ? [child] : testsOf(child)));
}

function fullName(test: Circus.TestEntry): string {
  const names: string[] = [test.name];
  // The outermost block is the file's and has no name of its own.
  for (let block: Circus.DescribeBlock = test.parent; block.parent; block = block.parent) names.unshift(block.name);
  return names.join(' ');
}

function reset(test: Circus.TestEntry, isChosen: boolean): void {
  test.errors = [];
  test.status = null;
  test.mode = isChosen ? undefined : 'skip';
}

/** What nobody handles fails the test that is running, as it does under jest. */
function catchUnhandled(running: () => Circus.TestEntry | null | undefined): () => void {
  const onError = (error: unknown): void => void running()?.errors.push(error instanceof Error ? error : new Error(String(error)));
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  return () => {
    process.off('uncaughtException', onError);
    process.off('unhandledRejection', onError);
  };
}

function messageOf(error: unknown): string {
  const thrown: unknown = Array.isArray(error) ? (error[0] ?? error[1]) : error;
  return thrown instanceof Error ? thrown.message : String(thrown);
}
