import { parseArgs, type ParseArgsConfig } from 'node:util';
import { checkNumber } from '#cli/check.js';
import { disturbance } from '#cli/demo/machine.js';
import { formatCount } from '#cli/demo/format.js';
import { Screen, type Progress } from '#cli/demo/screen.js';
import { interruptible } from '#cli/interrupt.js';
import { watchOthers } from './machine.js';
import type { Outcome } from './outcome.js';
import { missed, RESULTS, show, write } from './publish.js';
import { startServers, type Servers } from './server/process.js';

/** A number that a benchmark takes as an option of the same name. */
export interface Size {
  readonly what: string;
  readonly full: number;
  /** With `--quick`. */
  readonly quick: number;
}

/** A progress bar that can count by itself. */
export interface Bar extends Progress {
  readonly tick: () => void;
}

/** What every benchmark is run with. */
export interface Setting<Name extends string> {
  readonly sizes: Readonly<Record<Name, number>>;
  /** Start of every random sequence. */
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly progress: (label: string, total: number) => Bar;
}

/** What a benchmark over real HTTP is run with. */
export interface Context<Name extends string> extends Setting<Name> {
  readonly servers: Servers;
}

export interface Benchmark<Name extends string, In extends Setting<Name> = Context<Name>> {
  readonly name: string;
  /** The npm script. Default `bench:` and the name. */
  readonly script?: string;
  readonly description: string;
  /** Whether a full run rewrites its part of the page and its files. Default `true`; `--out` writes files in any case. */
  readonly isPublished?: boolean;
  readonly sizes: Readonly<Record<Name, Size>>;
  readonly run: (context: In) => Promise<Outcome>;
}

/** Runs a benchmark against servers as the command line asks. Exit code 1 if a bound is missed or something goes wrong. */
export async function main<Name extends string>(benchmark: Benchmark<Name>): Promise<void> {
  await mainAlone<Name>({ ...benchmark, run: (setting) => overServers(benchmark, setting) });
}

/** The same for a benchmark that needs no servers. */
export async function mainAlone<Name extends string>(benchmark: Benchmark<Name, Setting<Name>>): Promise<void> {
  using interrupt = interruptible();
  try {
    process.exitCode = await obey(benchmark, interrupt.signal);
  } catch (error) {
    process.exitCode = interrupt.exitCode ?? 1;
    if (interrupt.exitCode === undefined) console.error(isMistyped(error) ? error.message : error);
  }
}

async function overServers<Name extends string>({ run }: Benchmark<Name>, setting: Setting<Name>): Promise<Outcome> {
  using servers = await startServers();
  const others = await watchOthers(servers);
  const outcome = await run({ ...setting, servers });
  const disturbed = disturbance(await others());
  return { ...outcome, warnings: [...(disturbed === undefined ? [] : [disturbed]), ...(outcome.warnings ?? [])] };
}

/** Options, run, table, files; returns the exit code. */
async function obey<Name extends string>(benchmark: Benchmark<Name, Setting<Name>>, signal: AbortSignal): Promise<number> {
  const { name, description, isPublished = true, run } = benchmark;
  const names = Object.keys(benchmark.sizes) as Name[];
  const options: NonNullable<ParseArgsConfig['options']> = { ...FLAGS, ...Object.fromEntries(names.map((size) => [size, { type: 'string' }])) };
  const { values } = parseArgs({ options });
  if (values.help === true) {
    console.log(help(benchmark));
    return 0;
  }
  const quick = values.quick === true;
  const sizes = Object.fromEntries(names.map((size) => [size, numberOf(size, values[size], benchmark.sizes[size][quick ? 'quick' : 'full'])])) as Record<Name, number>;
  const seed = numberOf('seed', values.seed, 1);
  const settings = [...names.map((size) => `${formatCount(sizes[size])} ${benchmark.sizes[size].what}`), `seed ${seed}`];

  console.log(`${description}\n`);
  const screen = new Screen();
  const progress: Setting<Name>['progress'] = (label, total) => counting(screen.progress(label, total));
  const outcome = await run({ sizes, seed, signal, progress });

  show({ name, settings, quick }, outcome);
  const directory = typeof values.out === 'string' ? values.out : quick || !isPublished ? undefined : RESULTS;
  if (directory !== undefined) write({ name, settings, quick }, outcome, directory);
  const misses = missed(quick, outcome.checks);
  for (const { what, figure, bound } of misses) console.error(`✗ ${what}: ${figure}, bound ${bound}`);
  return misses.length > 0 ? 1 : 0;
}

function counting(bar: Progress): Bar {
  let done = 0;
  return { update: (value) => bar.update(value), tick: () => bar.update(++done), [Symbol.dispose]: () => bar[Symbol.dispose]() };
}

const FLAGS = {
  quick: { type: 'boolean', short: 'q' },
  out: { type: 'string' },
  seed: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

function help<Name extends string>({ name, script = `bench:${name}`, description, isPublished = true, sizes }: Benchmark<Name, Setting<Name>>): string {
  const line = (flag: string, text: string): string => `  ${flag.padEnd(20)} ${text}`;
  return [
    `npm run ${script} -- [options]`,
    '',
    description,
    '',
    ...Object.entries<Size>(sizes).map(([size, { what, full, quick }]) => line(`--${size} <n>`, `${what} (default ${full}, ${quick} with --quick)`)),
    line('--seed <n>', 'start of every random sequence (default 1)'),
    line('-q, --quick', 'a short run: rough figures, bounds on time are shown and not judged, no files without --out'),
    line('--out <directory>', `where JSON, CSV and plots go (default ${isPublished ? 'docs/benchmarks, where a full run also rewrites its part of benchmarks.md' : 'nowhere'})`),
    line('-h, --help', 'this text'),
  ].join('\n');
}

function numberOf(name: string, given: unknown, fallback: number): number {
  return typeof given === 'string' ? checkNumber(`--${name}`, Number(given), { min: 0, max: 10_000_000, integer: true }) : fallback;
}

/** Whether the command line was wrong, which needs no stack. */
function isMistyped(error: unknown): error is Error {
  return error instanceof RangeError || (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));
}
