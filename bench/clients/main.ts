import { Hedger } from '@hedgerow/core';
import { formatShare } from '#cli/demo/format.js';
import { quantile } from '#cli/demo/percentiles.js';
import { main, type Context } from '../support/benchmark.js';
import { LOOP_COLUMNS, loopSizes, measureLoop, suppressionsOf, type LoopSizes, type Run } from '../support/closed-loop.js';
import { DRIVERS, type Driver } from '../support/drivers.js';
import { saturation } from '../support/machine.js';
import { LANE, type Measured } from '../support/measure.js';
import { atAnyLength, atLeast, atMost, formatRatio, type Check, type Outcome } from '../support/outcome.js';
import { percentileFields } from '../support/percentiles.js';
import { tableOf, type Columns } from '../support/table.js';
import { clientsPlot } from './plot.js';
import type { Pair } from './pair.js';
import { throughput, type Throughput } from './throughput.js';

type Sizes = LoopSizes | 'rounds';

const REQUESTS_PER_ROUND = 400;
/** The default budget and what counting may blur. */
const MOST_EXTRA_LOAD = 0.11;

interface Row extends Run {
  /** Of the hedged client alone. */
  readonly saved: string;
  readonly perSecond: string;
}

const COLUMNS: Columns<Row> = {
  client: ({ name }) => name,
  ...LOOP_COLUMNS,
  'p99 saved': ({ saved }) => saved,
  'requests/s hedged / plain': ({ perSecond }) => perSecond,
};

await main<Sizes>({
  name: 'clients',
  description: 'Every HTTP client that has an adapter, without hedging and with the default options, over real HTTP on loopback.',
  sizes: {
    ...loopSizes('client and way', [20_000, 1_500], [5_000, 500]),
    rounds: { what: `pairs of rounds of ${REQUESTS_PER_ROUND} requests for the throughput`, full: 40, quick: 5 },
  },
  run,
});

async function run(context: Context<Sizes>): Promise<Outcome> {
  const pairs: Pair[] = [];
  for (const driver of DRIVERS) {
    pairs.push({
      name: driver.name,
      plain: await measureClient(driver, undefined, context),
      hedged: await measureClient(driver, new Hedger(), context),
      throughput: await measureThroughput(driver, context),
    });
  }
  const runs = pairs.flatMap(({ name, plain, hedged }) => [
    { name, measured: plain },
    { name: `${name}, hedged`, measured: hedged },
  ]);
  return {
    table: tableOf(pairs.flatMap(rowsOf), COLUMNS),
    notes: [
      'Milliseconds. Extra load: requests that the server received beyond the calls made. Refused: hedges that were due and were not sent. Requests per second: the hedged client’s against the plain one’s while no hedge is ever due, the median over pairs of short rounds.',
    ],
    checks: pairs.flatMap(checksOf),
    plots: [clientsPlot(pairs)],
    records: runs.map(({ name, measured }) => recordOf(name, measured)),
    details: {
      throughput: Object.fromEntries(pairs.map((pair) => [pair.name, pair.throughput])),
      suppressions: suppressionsOf(pairs.map(({ name, hedged }) => ({ name, measured: hedged }))),
    },
    warnings: saturation(runs),
  };
}

async function measureClient(driver: Driver, hedger: Hedger | undefined, context: Context<Sizes>): Promise<Measured> {
  using client = driver.open(context.servers, LANE, hedger);
  return await measureLoop({ label: hedger ? `${driver.name}, hedged` : driver.name, client, hedger }, context);
}

async function measureThroughput(driver: Driver, context: Context<Sizes>): Promise<Throughput> {
  const { servers, seed, sizes } = context;
  using bar = context.progress(`${driver.name}, throughput`, sizes.rounds);
  return await throughput(driver, {
    servers,
    seed,
    rounds: sizes.rounds,
    requestsPerRound: REQUESTS_PER_ROUND,
    inFlight: sizes.concurrency,
    tick: bar.tick,
  });
}

function rowsOf({ name, plain, hedged, throughput: { hedgedPerSecond, plainPerSecond, ratio } }: Pair): Row[] {
  return [
    { name, measured: plain, saved: '', perSecond: '' },
    {
      name: `${name}, hedged`,
      measured: hedged,
      saved: formatShare(1 - quantile(hedged.latencies, 0.99) / quantile(plain.latencies, 0.99)),
      perSecond: `${Math.round(hedgedPerSecond)} / ${Math.round(plainPerSecond)} (${formatRatio(ratio)})`,
    },
  ];
}

function checksOf({ name, plain, hedged, throughput: { ratio } }: Pair): Check[] {
  const [before, after] = [quantile(plain.latencies, 0.99), quantile(hedged.latencies, 0.99)];
  return [
    atMost(`${name}: p99 hedged / plain`, after / before, 0.5, formatRatio),
    atAnyLength(atMost(`${name}: extra load`, hedged.extraLoad, MOST_EXTRA_LOAD, formatShare)),
    atLeast(`${name}: requests per second, hedged and never due / plain`, ratio, 0.95, formatRatio),
  ];
}

function recordOf(name: string, { latencies, extraLoad, requestsPerSecond, busy, others }: Measured): Record<string, string | number> {
  return { client: name, ...percentileFields(latencies), extraLoad, requestsPerSecond, clientBusy: busy, otherProcesses: others };
}
