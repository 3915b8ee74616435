import { UNITS, unitOfName, type ReadOptions } from '../options.js';
import type { BadRows } from './bad-rows.js';
import { quoted } from './fields.js';
import { HistogramCollector, type Latencies } from './latencies.js';
import { eachLine } from './lines.js';
import { complaint, excerpt, isLatency, parseSlowly } from './number.js';
import { chooseUnit, type Described } from './rows.js';
import type { Source } from './source.js';

/** A bucket of one series as it stands in the dump. */
interface Bucket {
  /** Its upper bound in the metric's unit, `Infinity` for the last. */
  readonly le: number;
  readonly cumulative: number;
  readonly line: number;
}

/** Buckets by series (the labels without `le`), by metric. A series' later scrape replaces its earlier one. */
type Metrics = Map<string, Map<string, Map<number, Bucket>>>;

// Neither can backtrack far: each repetition ends at a character that it cannot contain, and labels follow right after each other.
const BUCKET_LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)_bucket\{((?:[^"}]|"(?:[^"\\]|\\.)*")*)\}\s+(\S+)/;
const LABEL = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/gy;

/** What a dump holds, and where the histogram's own grid is coarse. */
export interface Dump extends Described {
  readonly latencies: Latencies;
  /** The bounds of the buckets in milliseconds, ascending: within two of them nothing is known. */
  readonly gridMs: readonly number[];
}

/** A dump in Prometheus' or OpenMetrics' text format: one histogram of it, over all label sets. */
export async function readPrometheus(source: Source, options: ReadOptions, bad: BadRows): Promise<Dump> {
  const metrics: Metrics = new Map();
  const wanted = options.metric?.replace(/_bucket$/, '');
  let rows = 0;
  await eachLine(
    source.chunks,
    (bytes, start, end, line) => {
      const text = bytes.toString('utf8', start, end);
      if (!text.includes('_bucket{')) return;
      rows++;
      const problem = takeLine(metrics, text, line, wanted);
      if (problem !== undefined) bad.add(line, problem, rows);
    },
    (line) => bad.add(line, 'expected a line of at most 1 MiB', ++rows),
  );
  const name = choose(metrics, wanted, source.name);
  const series = [...(metrics.get(name)?.values() ?? [])];
  const unit = chooseUnit(options.unit, unitOfName(name) ?? 's', unitOfName(name) ? 'from the name of the metric' : 'Prometheus’ base unit');
  const collector = new HistogramCollector();
  for (const buckets of series) takeSeries([...buckets.values()], UNITS[unit.unit], collector, (line, problem) => bad.add(line, problem, rows));
  const bounds = new Set(series.flatMap((buckets) => [...buckets.keys()].map((le) => le * UNITS[unit.unit])));
  return {
    what: `Prometheus histogram ${name}, ${series.length} series`,
    ...unit,
    latencies: collector.latencies(),
    gridMs: [...bounds].sort((a, b) => a - b),
  };
}

/** Files a line, or says what is wrong with it. */
function takeLine(metrics: Metrics, text: string, line: number, wanted: string | undefined): string | undefined {
  const [, name, labels, value] = BUCKET_LINE.exec(text) ?? [];
  if (name === undefined || labels === undefined || value === undefined) return `expected name_bucket{le="…"} count, got ${JSON.stringify(excerpt(text))}`;
  if (wanted !== undefined && name !== wanted) return undefined;
  let le: string | undefined;
  const others: string[] = [];
  for (const [, label = '', content = ''] of labels.matchAll(LABEL)) {
    if (label === 'le') le = content;
    else others.push(`${label}="${content}"`);
  }
  const bound = le === '+Inf' ? Infinity : parseSlowly(le ?? '');
  if (!(bound >= 0)) return `expected a bound le="…" of 0 or more, got ${le === undefined ? 'none' : JSON.stringify(excerpt(le))}`;
  const cumulative = parseSlowly(value);
  if (!(cumulative >= 0)) return `expected a count of 0 or more, got ${JSON.stringify(excerpt(value))}`;
  const series = getOrAdd(metrics, name, () => new Map<string, Map<number, Bucket>>());
  getOrAdd(series, others.sort().join(), () => new Map<number, Bucket>()).set(bound, { le: bound, cumulative, line });
  return undefined;
}

/** Takes the difference of neighbouring buckets, because counts are cumulative. */
function takeSeries(
  buckets: Bucket[],
  msPerUnit: number,
  collector: HistogramCollector,
  refuse: (line: number, problem: string) => void,
): void {
  let fromMs = 0;
  let counted = 0;
  for (const { le, cumulative, line } of buckets.sort((a, b) => a.le - b.le)) {
    const toMs = le * msPerUnit;
    if (cumulative < counted) refuse(line, `expected a count of at least ${counted}, that of the bucket below, got ${cumulative}`);
    else if (le === Infinity) collector.addAbove(fromMs, cumulative - counted);
    else if (isLatency(toMs)) collector.add(fromMs, toMs, cumulative - counted);
    else refuse(line, complaint(toMs, String(le)));
    fromMs = Math.min(toMs, Number.MAX_VALUE);
    counted = Math.max(counted, cumulative);
  }
}

function choose(metrics: Metrics, wanted: string | undefined, source: string): string {
  const names = [...metrics.keys()];
  const [only] = names;
  if (wanted === undefined && names.length > 1) throw new Error(`${source}: which histogram? Name it with --metric; there are ${quoted(names)}`);
  if (only === undefined) throw new Error(`${source}: no histogram ${wanted === undefined ? '' : `${wanted} `}found: expected lines as ${wanted ?? 'name'}_bucket{le="0.1"} 12`);
  return only;
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
