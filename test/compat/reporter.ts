import { writeFileSync } from 'node:fs';

/** What a run came to, by file. */
export interface FileOutcome {
  readonly path: string;
  readonly passed: number;
  readonly failed: number;
  /** What failed, in words; `undefined` if nothing did. */
  readonly failure: string | undefined;
}

/** Of what jest tells a reporter. */
interface JestResults {
  readonly testResults: readonly {
    readonly testFilePath: string;
    readonly numPassingTests: number;
    readonly numFailingTests: number;
    readonly failureMessage?: string | null;
    readonly testExecError?: unknown;
  }[];
}

/** Writes {@link FileOutcome}s where `HEDGEROW_OUTCOMES` says. jest's own `--json` fails on errors that hold sockets, as those of axios do. */
export default class Reporter {
  onRunComplete(_contexts: unknown, { testResults }: JestResults): void {
    const outcomes = testResults.map(({ testFilePath, numPassingTests, numFailingTests, failureMessage, testExecError }): FileOutcome => {
      const isCrash = testExecError !== undefined && testExecError !== null;
      const hasFailed = numFailingTests > 0 || isCrash;
      return {
        path: testFilePath,
        passed: numPassingTests,
        failed: isCrash ? Math.max(1, numFailingTests) : numFailingTests,
        failure: hasFailed ? (failureMessage ?? 'it could not be run') : undefined,
      };
    });
    writeFileSync(process.env.HEDGEROW_OUTCOMES ?? 'outcomes.json', JSON.stringify(outcomes));
  }
}
