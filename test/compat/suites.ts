import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { execute } from './execute.js';
import { ROOT } from './paths.js';

export interface SuiteOutcome {
  readonly passed: number;
  readonly failed: number;
  /** Files that failed at first and passed by themselves. */
  readonly again: readonly string[];
  /** What the failing tests said. */
  readonly failures: readonly string[];
}

const AREAS = 'test/.build/(contract|axios|got|grpc|fetch|opentelemetry)/';

/** Of what jest writes with `--json`. */
interface JestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: 'passed' | 'failed';
    readonly message: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Runs the contract suites and the suites of every client and of telemetry in a project. Files that fail are run once more, one
 * after the other: tests with real servers measure time, and two of them at once on a busy machine may miss it.
 */
export async function runSuites(directory: string, node: string, onFile: (file: string) => void): Promise<SuiteOutcome> {
  const first = await jest(directory, node, [AREAS], onFile);
  if ('failure' in first) return { passed: 0, failed: 1, again: [], failures: [first.failure] };
  const files = new Map(first.testResults.map((result) => [result.name, result]));
  const failing = first.testResults.filter(({ status }) => status === 'failed').map(({ name }) => name);
  let again: string[] = [];
  if (failing.length > 0) {
    const second = await jest(directory, node, ['--runInBand', '--runTestsByPath', ...failing], onFile);
    if (!('failure' in second)) {
      for (const result of second.testResults) files.set(result.name, result);
      again = failing.filter((name) => files.get(name)?.status === 'passed').map((name) => relative(directory, name));
    }
  }
  const results = [...files.values()];
  const failures = results.filter(({ status }) => status === 'failed').map(({ name, message }) => `${relative(directory, name)}\n${message}`);
  const count = (status: string): number => results.flatMap((result) => result.assertionResults).filter((test) => test.status === status).length;
  return { passed: count('passed'), failed: Math.max(count('failed'), failures.length), again, failures };
}

async function jest(directory: string, node: string, args: readonly string[], onFile: (file: string) => void): Promise<JestReport | { readonly failure: string }> {
  const report = join(directory, 'jest.json');
  rmSync(report, { force: true });
  const program = join(ROOT, 'node_modules/jest/bin/jest.js');
  const { output } = await execute(
    node,
    ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', program, '--json', '--outputFile', report, ...args],
    {
      cwd: directory,
      timeoutMs: 600_000,
      onLine: (line) => {
        const [, file] = /^(?:PASS|FAIL) (?:test\/\.build\/)?(\S+)/.exec(line) ?? [];
        if (file !== undefined) onFile(file);
      },
    },
  );
  return existsSync(report) ? (JSON.parse(readFileSync(report, 'utf8')) as JestReport) : { failure: output };
}
