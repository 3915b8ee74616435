import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineFacts } from './machine.js';
import type { Check, Outcome } from './outcome.js';
import { replaceSection } from './page.js';
import { csv, tableForPage, tableForTerminal } from './table.js';

const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url));

/** Where full runs leave their files; the page beside it shows them. */
export const RESULTS: string = join(DOCS, 'benchmarks');

/** How a run was made. */
export interface Run {
  readonly name: string;
  /** Settings as text, such as `50,000 requests`. */
  readonly settings: readonly string[];
  readonly quick: boolean;
}

/** Prints what was found. */
export function show({ quick, settings }: Run, outcome: Outcome): void {
  for (const table of [outcome.table, ...(outcome.further ?? [])]) console.log(tableForTerminal(table));
  for (const note of outcome.notes) console.log(note);
  if (outcome.checks.length > 0) {
    const mark = (check: Check): string => (check.ok ? 'ok' : isJudged(check, quick) ? 'MISSED' : 'missed, but the run is too short to tell');
    const rows = outcome.checks.map((check) => [check.what, check.figure, check.bound, mark(check)]);
    console.log(tableForTerminal({ head: ['check', 'figure', 'bound', ''], rows }));
  }
  console.log([...settings, ...machineFacts()].join(', '));
  for (const warning of outcome.warnings ?? []) console.log(`WARNING: ${warning}`);
}

/** The checks that were missed by a run long enough for them. */
export function missed(quick: boolean, checks: readonly Check[]): Check[] {
  return checks.filter((check) => !check.ok && isJudged(check, quick));
}

/** Writes JSON, CSV and plots into a directory; a full run into {@link RESULTS} also rewrites its part of the page. */
export function write(run: Run, outcome: Outcome, directory: string): void {
  const { name, settings, quick } = run;
  const { checks, records, details, warnings = [], plots = [] } = outcome;
  mkdirSync(directory, { recursive: true });
  const facts = { benchmark: name, madeAt: new Date().toISOString(), quick, settings, machine: machineFacts(), warnings };
  const file = (extension: string): string => join(directory, `${name}.${extension}`);
  writeFileSync(file('json'), `${JSON.stringify({ ...facts, checks, rows: records, ...details }, null, 1)}\n`);
  writeFileSync(file('csv'), csv(records));
  for (const plot of plots) writeFileSync(join(directory, `${plot.file}.svg`), plot.svg);
  if (quick || directory !== RESULTS) return;
  const page = join(DOCS, 'benchmarks.md');
  writeFileSync(page, replaceSection(readFileSync(page, 'utf8'), name, section(run, outcome)));
}

function section({ name, settings }: Run, { table, further = [], notes, checks, plots = [], warnings = [] }: Outcome): string {
  const judged = checks.map(({ what, figure, bound, ok }) => [what, figure, bound, ok ? 'ok' : '**missed**']);
  return [
    ...warnings.map((warning) => `> **Not to be believed.** ${warning}`),
    ...[table, ...further].map(tableForPage),
    notes.join('\n'),
    ...plots.map(({ file, alt }) => `![${alt}](benchmarks/${file}.svg)`),
    ...(judged.length === 0 ? [] : [tableForPage({ head: ['check', 'figure', 'bound', ''], rows: judged })]),
    `${[...settings, ...machineFacts(), new Date().toISOString().slice(0, 10)].join(', ')}. All digits: [${name}.csv](benchmarks/${name}.csv), [${name}.json](benchmarks/${name}.json).`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function isJudged(check: Check, quick: boolean): boolean {
  return !quick || check.anyLength === true;
}
