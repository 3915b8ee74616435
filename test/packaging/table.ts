import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceSection } from '#bench/support/page.js';
import { tableForPage, tableForTerminal } from '#bench/support/table.js';
import { ROOT } from '../support/paths.js';
import type { Case } from './case.js';

/** What came of a case. */
export interface Result {
  readonly tried: Case;
  readonly seconds: number;
  /** What went wrong, in words; nothing if nothing did. */
  readonly fault: string | undefined;
}

export function showTable(results: readonly Result[]): string {
  const rows = results.map(({ tried: { tool, version, what }, seconds, fault }) => [tool, version, what, seconds.toFixed(1), fault === undefined ? 'ok' : 'FAILED']);
  return tableForTerminal({ head: ['tool', 'version', 'case', 'seconds', ''], rows });
}

/** Rewrites the table in the documentation, a line for each version of a tool; returns the page's name. */
export function writeTable(results: readonly Result[]): string {
  const page = 'docs/versions.md';
  const path = join(ROOT, page);
  const versions = new Map(results.map(({ tried: { tool, version } }) => [`${tool} ${version}`, { tool, version }]));
  const rows = Array.from(versions.values(), ({ tool, version }) => {
    const group = results.filter(({ tried }) => tried.tool === tool && tried.version === version);
    const failed = group.filter(({ fault }) => fault !== undefined).map(({ tried }) => tried.what);
    return [tool, version, group.map(({ tried }) => tried.what).join('; '), failed.length === 0 ? 'ok' : `FAILED: ${failed.join('; ')}`];
  });
  const day = new Date().toISOString().slice(0, 10);
  const table = tableForPage({ head: ['tool', 'version', 'cases', ''], rows });
  writeFileSync(path, replaceSection(readFileSync(path, 'utf8'), 'tools', `${table}\n\nWritten by \`npm run test:packaging\` on ${day}.`));
  return page;
}
