import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceSection } from '#bench/support/page.js';
import { tableForPage, tableForTerminal } from '#bench/support/table.js';
import type { Faults } from './checks.js';
import type { Combination } from './matrix.js';
import { ROOT } from '../support/paths.js';
import type { SuiteOutcome } from './suites.js';

/** What came of a combination. */
export interface Result {
  readonly combination: Combination;
  /** The version of Node that it ran on. */
  readonly node: string;
  /** The versions installed. */
  readonly versions: Readonly<Record<string, string>>;
  readonly modules: Faults;
  readonly types: Faults;
  readonly suites: SuiteOutcome;
}

const HEAD = ['Node', 'axios', 'got', 'grpc-js', 'undici', 'OpenTelemetry API', 'SDK', 'import, require', 'types', 'tests passed', 'failed'];

export function failed({ modules, types, suites }: Result): boolean {
  return modules.length > 0 || types.length > 0 || suites.failed > 0 || suites.passed === 0;
}

export function showTable(results: readonly Result[]): string {
  return tableForTerminal({ head: HEAD, rows: results.map(row) });
}

/** Rewrites the table in the documentation; returns the page's name. */
export function writeTable(results: readonly Result[]): string {
  const page = 'docs/versions.md';
  const path = join(ROOT, page);
  const day = new Date().toISOString().slice(0, 10);
  const text = `${tableForPage({ head: HEAD, rows: results.map(row) })}\n\nWritten by \`npm run test:compat\` on ${day}.`;
  writeFileSync(path, replaceSection(readFileSync(path, 'utf8'), 'versions', text));
  return page;
}

function row({ node, versions, modules, types, suites }: Result): string[] {
  const names = ['axios', 'got', '@grpc/grpc-js', 'undici', '@opentelemetry/api', '@opentelemetry/sdk-trace'];
  const word = (faults: Faults): string => (faults.length === 0 ? 'ok' : 'FAILED');
  return [node, ...names.map((name) => versions[name] ?? ''), word(modules), word(types), String(suites.passed), String(suites.failed)];
}
