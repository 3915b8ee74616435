import { unitOfName, type ReadOptions } from '../options.js';
import { likelyName, quoted } from './fields.js';
import { eachLine } from './lines.js';
import { excerpt, parseSlowly } from './number.js';
import { chooseUnit, type Described, type Rows } from './rows.js';
import type { Source } from './source.js';

/** One JSON object per line. */
export async function readNdjson(source: Source, options: ReadOptions, rows: Rows): Promise<Described> {
  const field = options.field ?? likelyField(source);
  const path = field.split('.');
  const unit = chooseUnit(options.unit, unitOfName(path.at(-1) ?? ''), `from the name of the field`);
  rows.unit = unit.unit;
  await eachLine(
    source.chunks,
    (bytes, start, end, line) => {
      const text = bytes.toString('utf8', start, end);
      const record = parseJson(text);
      if (record === undefined) return rows.refuse(line, `expected a JSON object, got ${JSON.stringify(excerpt(text))}`);
      const value = valueAt(record, field, path);
      if (value === undefined) return rows.refuse(line, `expected a field ${JSON.stringify(field)}, there is none`);
      rows.takeOrRefuse(toNumber(value), line, textOf(value));
    },
    rows.refuseTooLong,
  );
  return { what: `field ${JSON.stringify(excerpt(field))} of JSON lines`, ...unit };
}

type JsonObject = Readonly<Record<string, unknown>>;

function parseJson(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null;
}

/** A field whose own name has dots goes first. */
function valueAt(record: JsonObject, field: string, path: readonly string[]): unknown {
  if (Object.hasOwn(record, field)) return record[field];
  let value: unknown = record;
  for (const name of path) value = isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return value;
}

function toNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? parseSlowly(value) : NaN;
}

/** For a complaint. What is in an object may be as deep as whoever wrote it likes. */
function textOf(value: unknown): string {
  if (isObject(value)) return Array.isArray(value) ? 'a list' : 'an object';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Fields are looked for this deep. */
const MOST_DEPTH = 16;

/** @throws Error that lists the fields if it is not clear which. */
function likelyField(source: Source): string {
  const first = source.head.toString('utf8').split('\n').map(parseJson).find((record) => record !== undefined);
  const names = first === undefined ? [] : numericFields(first, '', MOST_DEPTH);
  const [only] = names;
  const found = names.length === 1 && only !== undefined ? only : likelyName(names);
  if (found !== undefined) return found;
  const list = names.length === 0 ? 'the first object has no number in it' : `the first object has the numbers ${quoted(names)}`;
  throw new Error(`${source.name}: which field holds the latency? Name it with --field; ${list}`);
}

function numericFields(record: JsonObject, prefix: string, depth: number): string[] {
  if (depth === 0) return [];
  return Object.entries(record).flatMap(([name, value]) => {
    if (isObject(value)) return numericFields(value, `${prefix}${name}.`, depth - 1);
    return Number.isNaN(toNumber(value)) ? [] : [prefix + name];
  });
}
