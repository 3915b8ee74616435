import { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CsvError, parse } from 'csv-parse';
import { parse as parseNow } from 'csv-parse/sync';
import { unitOfName, type ReadOptions } from '../options.js';
import { likelyName, quoted } from './fields.js';
import { eachLine } from './lines.js';
import { excerpt, parseDecimal, parseSlowly } from './number.js';
import { chooseUnit, type Described, type Rows } from './rows.js';
import type { Source } from './source.js';

const DELIMITERS = [',', ';', '\t', '|'];
const QUOTE = 0x22;
const COMMON = { relax_column_count: true, relax_quotes: true, max_record_size: 2 ** 20 } as const;

/** Where the latency stands. */
interface Column {
  /** From 0. */
  readonly index: number;
  readonly name: string | undefined;
  readonly delimiter: string;
  /** Whether the first row holds names. */
  readonly hasHeader: boolean;
}

/** A column of a CSV file; also with semicolons, tabs or bars. */
export async function readCsv(source: Source, options: ReadOptions, rows: Rows): Promise<Described> {
  const column = findColumn(source, options.column);
  const unit = chooseUnit(options.unit, unitOfName(column.name ?? ''), 'from the name of the column');
  rows.unit = unit.unit;
  // Without quotes a row is a line and its columns lie between delimiters: no parser is needed, which is ten times as fast.
  await (source.head.includes(QUOTE) ? readQuoted : readUnquoted)(source, column, rows);
  const name = column.name === undefined ? '' : ` (${excerpt(column.name)})`;
  return { what: `column ${column.index + 1}${name} of CSV`, ...unit };
}

/** @throws Error if a quote is left open, because then all that follows would be one cell. */
async function readQuoted({ chunks, name }: Source, { delimiter, hasHeader, index }: Column, rows: Rows): Promise<void> {
  let lastLine = hasHeader ? 1 : 0;
  const parser = parse({
    ...COMMON,
    delimiter,
    from: hasHeader ? 2 : 1,
    // Rows end here instead of going through the stream as objects.
    on_record: (record: readonly string[], { lines }) => {
      lastLine = lines;
      takeCell(rows, record[index], lines);
      return null;
    },
  });
  const nothing = new Writable({ objectMode: true, write: (_row, _encoding, done) => done() });
  try {
    await pipeline(Readable.from(chunks), parser, nothing);
  } catch (error) {
    if (!isCsvError(error)) throw error;
    throw new Error(`${name}: line ${lastLine + 1}: cannot read on from here, is a quote left open? (${error.message})`, { cause: error });
  }
}

async function readUnquoted({ chunks }: Source, { delimiter, hasHeader, index }: Column, rows: Rows): Promise<void> {
  const code = delimiter.charCodeAt(0);
  await eachLine(
    chunks,
    (bytes, start, end, line) => {
      if (line === 1 && hasHeader) return;
      const from = startOfCell(bytes, start, end, code, index);
      const value = from === -1 ? NaN : parseDecimal(bytes, from, endOfCell(bytes, from, end, code));
      if (!rows.take(value)) takeOddLine(bytes.toString('utf8', start, end), line);
    },
    rows.refuseTooLong,
  );

  /** A row that is bad, or that has quotes after all. */
  function takeOddLine(text: string, line: number): void {
    const cells = text.includes('"') ? parseRow(text, delimiter) : text.split(delimiter);
    if (cells === undefined) rows.refuse(line, 'expected a row without line breaks in quotes, as those before it');
    else takeCell(rows, cells[index], line);
  }
}

function parseRow(text: string, delimiter: string): string[] | undefined {
  try {
    const [row = []]: string[][] = parseNow(text, { ...COMMON, delimiter });
    return row;
  } catch (error) {
    if (isCsvError(error)) return undefined;
    throw error;
  }
}

function isCsvError(error: unknown): error is Error {
  return error instanceof CsvError;
}

/** Where the cell of a column begins; −1 if the row is too short. */
function startOfCell(bytes: Buffer, start: number, end: number, delimiter: number, column: number): number {
  let cell = start;
  for (let passed = 0; passed < column; passed++) {
    const stop = endOfCell(bytes, cell, end, delimiter);
    if (stop === end) return -1;
    cell = stop + 1;
  }
  return cell;
}

/** Cells are short: a loop finds their end sooner than a search by the runtime would. */
function endOfCell(bytes: Buffer, start: number, end: number, delimiter: number): number {
  let index = start;
  while (index < end && bytes[index] !== delimiter) index++;
  return index;
}

function takeCell(rows: Rows, cell: string | undefined, line: number): void {
  if (cell === undefined) rows.refuse(line, 'expected a latency, the row is too short');
  else rows.takeOrRefuse(parseSlowly(cell), line, cell);
}

/** Whether these lines look like a table. */
export function looksLikeCsv(lines: readonly string[]): boolean {
  return delimiterOf(lines) !== undefined;
}

/** The delimiter that splits the first line and most others; not all, because quoted cells may have line breaks. */
function delimiterOf([first = '', ...others]: readonly string[]): string | undefined {
  return DELIMITERS.find((delimiter) => first.includes(delimiter) && others.filter((line) => line.includes(delimiter)).length >= others.length / 2);
}

/** @throws Error that lists the columns if it is not clear which. */
function findColumn({ head, name: source }: Source, wanted: string | undefined): Column {
  const lines = head.toString('utf8').split('\n').slice(0, 20).filter((line) => line.trim() !== '');
  const delimiter = delimiterOf(lines) ?? ',';
  const [first = [], second = []]: string[][] = parseNow(head, { ...COMMON, delimiter, to: 2, skip_records_with_error: true });
  const hasHeader = !first.some((cell) => !Number.isNaN(parseSlowly(cell)));
  const names = hasHeader ? first.map((cell) => cell.trim()) : [];
  const at = (index: number): Column => ({ index, name: names[index], delimiter, hasHeader });

  if (wanted !== undefined) {
    const named = names.indexOf(wanted);
    if (named !== -1) return at(named);
    const number = Number(wanted);
    if (Number.isInteger(number) && number >= 1 && number <= first.length) return at(number - 1);
    const columns = hasHeader ? `the columns are ${quoted(names)}` : `there is no header and there are ${first.length} columns`;
    throw new Error(`${source}: no column ${JSON.stringify(wanted)}; ${columns}`);
  }
  const sample = hasHeader ? second : first;
  const numeric = sample.flatMap((cell, index) => (Number.isNaN(parseSlowly(cell)) ? [] : [index]));
  const [only] = numeric;
  if (numeric.length === 1 && only !== undefined) return at(only);
  const likely = likelyName(numeric.map((index) => names[index] ?? ''));
  if (likely !== undefined && likely !== '') return at(names.indexOf(likely));
  const columns = hasHeader ? `the columns are ${quoted(names)}` : `row 1 has ${first.length} columns and no header`;
  throw new Error(`${source}: which column holds the latency? Name or number it (from 1) with --column; ${columns}`);
}
