import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceSection } from '#bench/support/page.js';
import { tableForPage, tableForTerminal } from '#bench/support/table.js';
import type { Faults } from './checks.js';
import type { Combination } from './matrix.js';
import { ROOT } from '../support/paths.js';
import type { RuntimeResult } from './runtimes/runtimes.js';
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

const HEAD = ['Node', 'axios', 'got', 'grpc-js', 'Connect', 'undici', 'Elasticsearch', 'OpenSearch', 'AWS SDK', 'OpenTelemetry API', 'SDK', 'import, require', 'types', 'tests passed', 'failed'];

export function failed({ modules, types, suites }: Result): boolean {
  return modules.length > 0 || types.length > 0 || suites.failed > 0 || suites.passed === 0;
}

export function showTable(results: readonly Result[]): string {
  return tableForTerminal({ head: HEAD, rows: results.map(row) });
}

const RUNTIMES_HEAD = ['runtime', 'version', 'tried', 'import, require', 'passed', 'failed'];

export function hasFailed({ modules, passed, failures }: RuntimeResult): boolean {
  return (modules ?? []).length > 0 || failures.length > 0 || passed === 0;
}

export function showRuntimes(results: readonly RuntimeResult[]): string {
  return tableForTerminal({ head: RUNTIMES_HEAD, rows: results.map(runtimeRow) });
}

const PAGE = 'docs/versions.md';

/** Rewrites the table in the documentation; returns the page's name. */
export function writeTable(results: readonly Result[]): string {
  return writeSection('versions', tableForPage({ head: HEAD, rows: results.map(row) }));
}

/** The same for that of other runtimes. */
export function writeRuntimes(results: readonly RuntimeResult[]): string {
  const differences = results.flatMap(({ runtime: { name, because } }) => because.map((words) => `- **${name}**: ${words}`));
  return writeSection('runtimes', `${tableForPage({ head: RUNTIMES_HEAD, rows: results.map(runtimeRow) })}\n\n${differences.join('\n')}`);
}

function writeSection(name: string, text: string): string {
  const path = join(ROOT, PAGE);
  const day = new Date().toISOString().slice(0, 10);
  const written = `${text}\n\nWritten by \`npm run test:compat\` on ${day}.`;
  writeFileSync(path, replaceSection(readFileSync(path, 'utf8'), name, written));
  return PAGE;
}

function runtimeRow({ runtime: { name, tried }, version, modules, passed, failures }: RuntimeResult): string[] {
  const imported = modules === undefined ? '' : modules.length === 0 ? 'ok' : 'FAILED';
  return [name, version, tried, imported, String(passed), String(failures.length)];
}

function row({ node, versions, modules, types, suites }: Result): string[] {
  const names = ['axios', 'got', '@grpc/grpc-js', '@connectrpc/connect', 'undici', '@elastic/elasticsearch', '@opensearch-project/opensearch', '@aws-sdk/client-dynamodb', '@opentelemetry/api', '@opentelemetry/sdk-trace'];
  const word = (faults: Faults): string => (faults.length === 0 ? 'ok' : 'FAILED');
  return [node, ...names.map((name) => versions[name] ?? ''), word(modules), word(types), String(suites.passed), String(suites.failed)];
}
