import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execute } from '../support/execute.js';
import { ROOT } from '../support/paths.js';
import type { FileOutcome } from './reporter.js';

export interface SuiteOutcome {
  readonly passed: number;
  readonly failed: number;
  /** Files that failed at first and passed by themselves. */
  readonly again: readonly string[];
  /** What the failing tests said. */
  readonly failures: readonly string[];
}

const AREAS = 'test/.build/(contract|axios|got|grpc|connect|fetch|elastic|aws|opentelemetry)/';

/**
 * Runs the contract suites and the suites of every client and of telemetry in a project. Files that fail are run once more, one
 * after the other: tests with real servers measure time, and two of them at once on a busy machine may miss it.
 */
export async function runSuites(directory: string, node: string, onFile: (file: string) => void): Promise<SuiteOutcome> {
  const first = await jest(directory, node, [AREAS], onFile);
  if (typeof first === 'string') return { passed: 0, failed: 1, again: [], failures: [first] };
  const files = new Map(first.map((file) => [file.path, file]));
  const failing = first.filter(({ failure }) => failure !== undefined).map(({ path }) => path);
  if (failing.length > 0) {
    const second = await jest(directory, node, ['--runInBand', '--runTestsByPath', ...failing], onFile);
    if (typeof second !== 'string') for (const file of second) files.set(file.path, file);
  }
  const name = (path: string): string => relative(join(directory, 'test/.build'), path);
  const outcomes = [...files.values()];
  return {
    passed: sum(outcomes.map(({ passed }) => passed)),
    failed: sum(outcomes.map(({ failed }) => failed)),
    again: failing.filter((path) => files.get(path)?.failure === undefined).map(name),
    failures: outcomes.flatMap(({ path, failure }) => (failure === undefined ? [] : [`${name(path)}\n${failure}`])),
  };
}

/** What came of every file, or what jest said if it came to no end. */
async function jest(directory: string, node: string, args: readonly string[], onFile: (file: string) => void): Promise<readonly FileOutcome[] | string> {
  const outcomes = join(directory, 'outcomes.json');
  rmSync(outcomes, { force: true });
  const program = join(ROOT, 'node_modules/jest/bin/jest.js');
  const reporters = ['default', './test/.build/compat/reporter.js'].map((reporter) => `--reporters=${reporter}`);
  const { output } = await execute(
    node,
    // Reporters come last: jest takes names that follow them for more of them.
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', program, ...args, ...reporters],
    {
      cwd: directory,
      env: { HEDGEROW_OUTCOMES: outcomes },
      timeoutMs: 600_000,
      onLine: (line) => {
        const [, file] = /^(?:PASS|FAIL) (?:test\/\.build\/)?(\S+)/.exec(line) ?? [];
        if (file !== undefined) onFile(file);
      },
    },
  );
  return existsSync(outcomes) ? (JSON.parse(readFileSync(outcomes, 'utf8')) as readonly FileOutcome[]) : output;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
