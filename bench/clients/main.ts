import { Hedger } from '@hedgerow/core';
import { formatShare } from '#cli/demo/format.js';
import { quantile } from '#cli/demo/percentiles.js';
import { main, type Context } from '../support/benchmark.js';
import { DRIVERS, type Driver } from '../support/drivers.js';
import { saturation } from '../support/machine.js';
import { LANE, measure, type Measured } from '../support/measure.js';
import { atLeast, atMost, formatRatio, type Check, type Outcome, type Table } from '../support/outcome.js';
import { PERCENTILE_NAMES, percentileCells, percentileFields } from '../support/percentiles.js';
import { clientsPlot } from './plot.js';
import type { Pair } from './pair.js';
import { throughput, type Throughput } from './throughput.js';

type Sizes = 'requests' | 'warmup' | 'concurrency' | 'rounds';

const REQUESTS_PER_ROUND = 400;
/** The default budget and what counting may blur. */
const MOST_EXTRA_LOAD = 0.11;

await main<Sizes>({
  name: 'clients',
  description: 'Every HTTP client that has an adapter, without hedging and with the default options, over real HTTP on loopback.',
  sizes: {
    requests: { what: 'measured requests per client and way', full: 20_000, quick: 1_500 },
    warmup: { what: 'requests before them, which do not count', full: 5_000, quick: 500 },
    concurrency: { what: 'in flight at any time', full: 20, quick: 20 },
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
    table: tableOf(pairs),
    notes: [
      'Milliseconds. Extra load: requests that the server received beyond the calls made. Refused: hedges that were due and were not sent. Requests per second: the hedged client’s against the plain one’s while no hedge is ever due, the median over pairs of short rounds.',
    ],
    checks: pairs.flatMap(checksOf),
    plots: [clientsPlot(pairs)],
    records: runs.map(({ name, measured }) => recordOf(name, measured)),
    details: {
      throughput: Object.fromEntries(pairs.map((pair) => [pair.name, pair.throughput])),
      suppressions: Object.fromEntries(pairs.map(({ name, hedged }) => [name, hedged.suppressions])),
    },
    warnings: saturation(runs.map(({ name, measured }) => ({ name, busy: measured.busy }))),
  };
}

async function measureClient(driver: Driver, hedger: Hedger | undefined, context: Context<Sizes>): Promise<Measured> {
  const { servers, seed, signal } = context;
  const { requests, warmup, concurrency: inFlight } = context.sizes;
  using client = driver.open(servers, LANE, hedger);
  using progress = context.progress(hedger ? `${driver.name}, hedged` : driver.name, warmup + requests);
  let answered = 0;
  return await measure(client, hedger, {
    servers, seed, warmup, requests, inFlight, signal,
    onAnswer: () => progress.update(++answered),
  });
}

async function measureThroughput(driver: Driver, context: Context<Sizes>): Promise<Throughput> {
  const { servers, seed, sizes } = context;
  using progress = context.progress(`${driver.name}, throughput`, sizes.rounds);
  let done = 0;
  return await throughput(driver, {
    servers,
    seed,
    rounds: sizes.rounds,
    requestsPerRound: REQUESTS_PER_ROUND,
    inFlight: sizes.concurrency,
    tick: () => progress.update(++done),
  });
}

function tableOf(pairs: readonly Pair[]): Table {
  const cells = ({ latencies, extraLoad, refused }: Measured): string[] => [
    ...percentileCells(latencies),
    formatShare(extraLoad),
    formatShare(refused),
  ];
  return {
    head: ['client', ...PERCENTILE_NAMES, 'extra load', 'refused', 'p99 saved', 'requests/s hedged / plain'],
    rows: pairs.flatMap(({ name, plain, hedged, throughput: { hedgedPerSecond, plainPerSecond, ratio } }) => [
      [name, ...cells(plain), '', ''],
      [
        `${name}, hedged`,
        ...cells(hedged),
        formatShare(1 - quantile(hedged.latencies, 0.99) / quantile(plain.latencies, 0.99)),
        `${Math.round(hedgedPerSecond)} / ${Math.round(plainPerSecond)} (${formatRatio(ratio)})`,
      ],
    ]),
  };
}

function checksOf({ name, plain, hedged, throughput: { ratio } }: Pair): Check[] {
  const [before, after] = [quantile(plain.latencies, 0.99), quantile(hedged.latencies, 0.99)];
  return [
    atMost(`${name}: p99 hedged / plain`, after / before, 0.5, formatRatio),
    { ...atMost(`${name}: extra load`, hedged.extraLoad, MOST_EXTRA_LOAD, formatShare), anyLength: true },
    atLeast(`${name}: requests per second, hedged and never due / plain`, ratio, 0.95, formatRatio),
  ];
}

function recordOf(name: string, { latencies, extraLoad, requestsPerSecond, busy, others }: Measured): Record<string, string | number> {
  return { client: name, ...percentileFields(latencies), extraLoad, requestsPerSecond, clientBusy: busy, otherProcesses: others };
}
