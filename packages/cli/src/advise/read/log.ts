import type { ReadOptions, Unit } from '../options.js';
import { eachLine } from './lines.js';
import { excerpt, parseSlowly } from './number.js';
import { chooseUnit, type Described, type Rows } from './rows.js';
import type { Source } from './source.js';

interface LogShape {
  readonly what: string;
  readonly pattern: RegExp;
  readonly unit: Unit;
  readonly because: string;
}

/** What is tried, in this order. None of them can backtrack far: every repetition ends at a character it cannot contain. */
const SHAPES: readonly LogShape[] = [
  {
    what: 'access log with rt= or request_time=',
    pattern: /(?:^|[\s,;"])(?:rt|request_time|rq_time)[=:]"?(?<duration>\d+\.?\d*|-)/,
    unit: 's',
    because: 'as nginx’s $request_time is',
  },
  {
    what: 'access log that ends with nginx’s $request_time',
    pattern: /^[^"\]]*["\]].*\s"?(?<duration>\d+\.\d{3})"?\s*$/,
    unit: 's',
    because: 'as nginx’s $request_time is',
  },
  {
    what: 'access log that ends with Apache’s %D',
    // Status and size come before it: a plain common log ends with the size, which is no latency.
    pattern: /" \d{3} (?:\d+|-)(?: "(?:[^"\\]|\\.)*")* (?<duration>\d+)\s*$/,
    unit: 'us',
    because: 'as Apache’s %D is',
  },
];

/** So many of the first lines have to have the shape. */
const MOST_LINES = 200;
const LEAST_SHARE = 0.8;

/** An access log, or any log with an expression of the user's. */
export async function readLog(source: Source, options: ReadOptions, rows: Rows): Promise<Described> {
  const shape = options.pattern === undefined ? likelyShape(source) : undefined;
  const pattern = options.pattern ?? shape?.pattern ?? /$^/;
  const unit = chooseUnit(options.unit, shape?.unit, shape?.because ?? '');
  rows.unit = unit.unit;
  await eachLine(
    source.chunks,
    (bytes, start, end, line) => {
      const text = bytes.toString('utf8', start, end);
      const duration = pattern.exec(text)?.groups?.duration;
      if (duration === undefined) return rows.refuse(line, `no duration found in ${JSON.stringify(excerpt(text))}`);
      rows.takeOrRefuse(parseSlowly(duration), line, duration);
    },
    rows.refuseTooLong,
  );
  return { what: shape?.what ?? `log, by ${String(pattern)}`, ...unit };
}

/** Whether some shape fits most of these lines. */
export function looksLikeLog(lines: readonly string[]): boolean {
  return shapeOf(lines) !== undefined || lines.some((line) => /"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH) \S+ HTTP\//.test(line));
}

function shapeOf(lines: readonly string[]): LogShape | undefined {
  const some = lines.slice(0, MOST_LINES);
  return SHAPES.find(({ pattern }) => some.filter((line) => pattern.test(line)).length >= LEAST_SHARE * some.length);
}

function likelyShape(source: Source): LogShape {
  const lines = source.head.toString('utf8').split('\n').filter((line) => line.trim() !== '');
  const shape = shapeOf(lines.slice(0, -1).length > 0 ? lines.slice(0, -1) : lines);
  if (shape !== undefined) return shape;
  throw new Error(
    `${source.name}: where is the duration in this log? Expected rt=0.123, nginx’s $request_time or Apache’s %D at the end of the line; ` +
      'anything else with --pattern and a group named duration, as in --pattern "took=(?<duration>\\d+)ms"',
  );
}
