import { FORMATS, type Format, type ReadOptions } from '../options.js';
import { BadRows } from './bad-rows.js';
import { looksLikeCsv, readCsv } from './csv.js';
import type { Latencies } from './latencies.js';
import { looksLikeLog, readLog } from './log.js';
import { readNdjson } from './ndjson.js';
import { excerpt, parseSlowly } from './number.js';
import { readPlain } from './plain.js';
import { readPrometheus } from './prometheus.js';
import { Rows, type Described } from './rows.js';
import { openSource, type OnProgress, type Source } from './source.js';

/** Everything that is known of an input once it has been read. */
export interface Input extends Described {
  readonly name: string;
  readonly latencies: Latencies;
  readonly bad: BadRows;
  /** Bounds between which the input itself knows nothing, in milliseconds, ascending; `undefined` if it has the values. */
  readonly gridMs: readonly number[] | undefined;
}

/**
 * Reads latencies of any format, in constant memory.
 *
 * @throws Error if the input cannot be read or understood, has too many bad rows, or no latency at all.
 */
export async function readInput(options: ReadOptions, signal: AbortSignal, onProgress: OnProgress): Promise<Input> {
  const source = await openSource(options.file, signal, onProgress);
  const input = await readAs(formatOf(source, options), source, options);
  if (input.latencies.count === 0) {
    throw new Error([`${source.name}: no latency found`, ...input.bad.lines().map((line) => `  ${line}`)].join('\n'));
  }
  return input;
}

async function readAs(format: Format, source: Source, options: ReadOptions): Promise<Input> {
  if (format === 'prometheus') {
    const bad = new BadRows(options.maxBad);
    return { name: source.name, bad, ...(await readPrometheus(source, options, bad)) };
  }
  const rows = new Rows(options.maxBad);
  const described = await READERS[format](source, options, rows);
  return { name: source.name, bad: rows.bad, gridMs: undefined, ...described, latencies: rows.collector.latencies() };
}

const READERS = { plain: readPlain, csv: readCsv, ndjson: readNdjson, log: readLog } as const;

/** @throws Error if the first lines look like nothing that is known. */
function formatOf(source: Source, options: ReadOptions): Format {
  if (options.format !== undefined) return options.format;
  if (options.pattern !== undefined) return 'log';
  if (options.metric !== undefined) return 'prometheus';
  if (options.field !== undefined) return 'ndjson';
  if (options.column !== undefined) return 'csv';
  const lines = source.head.toString('utf8').split('\n');
  // The last one may have been cut.
  const whole = (lines.length > 1 ? lines.slice(0, -1) : lines).map((line) => line.trim()).filter((line) => line !== '');
  const format = whole.length === 0 ? 'plain' : guess(whole.slice(0, 100));
  if (format !== undefined) return format;
  throw new Error(`${source.name}: cannot tell what this is from ${JSON.stringify(excerpt(whole[0] ?? ''))}; say it with --format ${FORMATS.join('|')}`);
}

function guess([first = '', ...others]: readonly string[]): Format | undefined {
  const lines = [first, ...others];
  if (/^# (?:HELP|TYPE|UNIT) /.test(first) || lines.some((line) => /^[\w:]+_bucket\{.*\ble="/.test(line))) return 'prometheus';
  if (most(lines, (line) => line.startsWith('{'))) return 'ndjson';
  // A name above numbers makes it a table of one column.
  if (most(others, isNumber)) return /^"?[a-z_]/i.test(first) ? 'csv' : 'plain';
  if (isNumber(first)) return 'plain';
  if (looksLikeLog(lines)) return 'log';
  return looksLikeCsv(lines) ? 'csv' : undefined;
}

function most(lines: readonly string[], test: (line: string) => boolean): boolean {
  return lines.filter(test).length > lines.length / 2;
}

function isNumber(line: string): boolean {
  return !Number.isNaN(parseSlowly(line));
}
