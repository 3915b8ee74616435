import Table from 'cli-table3';
import pc from 'picocolors';
import { formatCount, formatShare } from '../demo/format.js';
import { quantileName, QUANTILES } from '../demo/percentiles.js';
import { p99Of, type Advice, type Known } from './advice.js';
import type { Check } from './check.js';
import type { Interval } from './confidence.js';
import { formatMs, msOrDash } from './format.js';
import { CORRELATIONS, type Prediction } from './predict.js';
import type { Input } from './read/read.js';

/** What was read. */
export function inputLine({ bad, latencies, name, unit, unitReason, what }: Input): string {
  const skipped = bad.count > 0 ? `; ${badRows(bad.count)} skipped` : '';
  return `${formatCount(latencies.count)} latencies from ${name}: ${what}, in ${unit}${unitReason === undefined ? '' : ` (${unitReason})`}${skipped}.`;
}

/** `1 bad row`, `1,204 bad rows`. */
export function badRows(count: number): string {
  return `${formatCount(count)} bad row${count === 1 ? '' : 's'}`;
}

/** The answer in a sentence or two. */
export function verdict({ byDefault, defaultInterval, recommended, remarks, unhedged }: Advice): string {
  const against = remarks.find(({ kind }) => kind === 'against');
  if (against !== undefined) return `Do not hedge, as far as these latencies say. ${against.title}: see below.`;
  const before = p99Of(unhedged);
  const unknown = remarks.find(({ kind }) => kind === 'unknown');
  if (byDefault === undefined || recommended === undefined || before === undefined) {
    return `These latencies do not tell whether hedging would help. ${unknown === undefined ? 'p99 is not known' : unknown.title}: see below.`;
  }
  const gain = `With its default options hedgerow would take p99 from ${formatMs(before)} to ${msOrDash(p99Of(byDefault))} ms`;
  const sure = defaultInterval === undefined ? '' : ` (${intervalText(defaultInterval)} with 95 % confidence)`;
  const cheaper =
    recommended === byDefault
      ? ''
      : ` ${formatShare(recommended.extraLoad)} buy most of that, ${msOrDash(p99Of(recommended))} ms: ${recommended.options ?? ''}.`;
  return `${gain}${sure} for ${formatShare(byDefault.extraLoad)} more requests, if copies are independent.${cheaper}`;
}

export function intervalText({ lowMs, highMs }: Interval): string {
  if (highMs === undefined) return lowMs === undefined ? 'unknown' : `${formatMs(lowMs)} or more`;
  return `${msOrDash(lowMs)} to ${formatMs(highMs)}`;
}

/** The columns of the table of measured quantiles. */
export const KNOWN_HEADINGS: readonly string[] = ['quantile', 'ms', '95 % confidence'];

export function knownCells({ interval, ms, quantile }: Known): string[] {
  return [quantileName(quantile), msOrDash(ms), ms === undefined ? 'too few samples' : intervalText(interval)];
}

/** The columns of the table of predictions. */
export const HEADINGS: readonly string[] = [
  'extra load',
  'policy',
  'hedge after',
  ...QUANTILES.map(quantileName),
  ...CORRELATIONS.map((rho) => `p99 if ρ = ${rho}`),
];

export const FOOTNOTE = 'ρ is the probability that a copy shares its primary’s fate; the other columns assume 0. – is not known: too few samples.';

export function cells({ correlatedMs, extraLoad, hedges, name, quantilesMs }: Prediction): string[] {
  return [formatShare(extraLoad), name, hedges.map(hedgeText).join(', ') || '–', ...[...quantilesMs, ...correlatedMs].map(msOrDash)];
}

function hedgeText({ delayMs, probability }: Prediction['hedges'][number]): string {
  return `${formatMs(delayMs)} ms${probability < 1 ? `, ${Math.round(probability * 100)} %` : ''}`;
}

/** All rows of the table of predictions. */
export function rowsOf({ alternatives, byDefault, unhedged }: Advice): Prediction[] {
  return [unhedged, ...(byDefault ? [byDefault] : []), ...alternatives];
}

export function knownLines(advice: Advice): string[] {
  return tableLines(KNOWN_HEADINGS, advice.known.map(knownCells), 1);
}

export function predictionLines(advice: Advice): string[] {
  const rows = rowsOf(advice).map((prediction) => {
    const isChosen = prediction === advice.recommended;
    return cells(prediction).map((cell) => (isChosen ? pc.green(cell) : cell));
  });
  return [...tableLines(HEADINGS, rows, 3), pc.dim(FOOTNOTE)];
}

function tableLines(headings: readonly string[], rows: readonly string[][], leftColumns: number): string[] {
  const table = new Table({
    head: headings.map((heading) => pc.bold(heading)),
    colAligns: headings.map((_, column) => (column < leftColumns ? 'left' : 'right')),
    // The colours are ours: the table's own ignore NO_COLOR.
    style: { head: [], border: [], compact: true },
  });
  table.push(...rows);
  return table.toString().split('\n');
}

/** What to paste, for each row that has options. */
export function optionLines(advice: Advice): string[] {
  const width = Math.max(...rowsOf(advice).map(({ name }) => name.length));
  return rowsOf(advice).flatMap((prediction) => {
    if (prediction.options === undefined) return [];
    const line = `${formatShare(prediction.extraLoad).padStart(6)}  ${prediction.name.padEnd(width)}  ${prediction.options}`;
    return [prediction === advice.recommended ? pc.green(`${line}  ← recommended`) : line];
  });
}

const MARKS = { against: pc.red('✗'), unknown: pc.red('?'), careful: pc.yellow('!'), mind: pc.dim('·') } as const;

export function remarkLines({ remarks }: Advice): string[] {
  return remarks.flatMap(({ kind, text, title }) => [`${MARKS[kind]} ${pc.bold(title)}`, ...wrap(text, 108).map((line) => `  ${line}`)]);
}

/** What the simulation said of the prediction. */
export function checkLines({ calls, differenceShare, extraLoad, p99Ms, predictedMs }: Check): string[] {
  return [
    `${formatCount(calls)} calls with latencies drawn from these, the real scheduler on a virtual clock, default options:`,
    `p99 ${formatMs(p99Ms)} ms where ${formatMs(predictedMs)} ms was predicted (${differenceShare < 0 ? '−' : '+'}${formatShare(Math.abs(differenceShare))}), extra load ${formatShare(extraLoad)}.`,
  ];
}

export function verdictLines(advice: Advice): string[] {
  return wrap(verdict(advice), 110);
}

/** Breaks a text at spaces. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
