import { Hedger, type HedgerOptions } from '@hedgerow/core';
import { formatMs } from '#cli/demo/format.js';
import { quantile, sorted, type Sorted } from '#cli/demo/percentiles.js';
import { main, type Context } from '../support/benchmark.js';
import { loopSizes, measureLoop, suppressionsOf, type LoopSizes } from '../support/closed-loop.js';
import { coreDriver } from '../support/drivers.js';
import { saturation } from '../support/machine.js';
import { LANE, type Measured } from '../support/measure.js';
import { atMost, formatRatio, type Check, type Outcome } from '../support/outcome.js';
import { tableOf } from '../support/table.js';
import { bestWithinLoad } from '../support/theory.js';
import { clientRows } from './clients.js';
import { pricePlot, tailPlot } from './plots.js';
import { DEFAULT, GOAL, GOAL_5, NONE, NONE_AGAIN, policies, QUANTILE_5, TWO_HEDGES } from './policies.js';
import { COLUMNS, p99, recordOf, type Row } from './row.js';

/** Above this change between the two runs without hedging the machine was not the same for all. */
const DRIFT = 1.05;

await main<LoopSizes>({
  name: 'compare',
  description:
    'Hedging policies over real HTTP on loopback, all with the same latencies: lognormal, 5 ± 2 ms, and one request in twenty ten times slower.',
  sizes: loopSizes('policy', [50_000, 2_000], [10_000, 500]),
  run,
});

async function run(context: Context<LoopSizes>): Promise<Outcome> {
  const first = await measurePolicy(NONE, undefined, context);
  const hedged: { name: string; measured: Measured }[] = [];
  for (const { name, options } of policies(first.requestsPerSecond)) {
    hedged.push({ name, measured: await measurePolicy(name, options, context) });
  }
  const clients = await clientRows(context);
  const last = await measurePolicy(NONE_AGAIN, undefined, context);

  const plain = pool(first.latencies, last.latencies);
  const rows: Row[] = [
    plainRow(NONE, first),
    ...hedged.map((run) => ({ ...run, bestMs: bestWithinLoad(plain, 0.99, run.measured.extraLoad).ms })),
    plainRow(NONE_AGAIN, last),
  ];
  return {
    table: tableOf([...rows, ...clients], COLUMNS),
    notes: [
      'Milliseconds. Extra load: requests that the server received beyond the calls made. Refused: hedges that were due and were not sent, because of the budget or because they were held to be useless or harmful.',
      'Best p99: the least that one hedge per call could reach with that extra load, computed from the latencies measured without hedging; of a client from its own.',
    ],
    checks: checks(rows, plain),
    plots: [tailPlot(rows), pricePlot(rows)],
    records: [...rows, ...clients].map(recordOf),
    details: { suppressions: suppressionsOf([...rows, ...clients]) },
    warnings: [...drift(first, last), ...saturation([...rows, ...clients])],
  };
}

async function measurePolicy(name: string, options: HedgerOptions | undefined, context: Context<LoopSizes>): Promise<Measured> {
  const hedger = options && new Hedger(options);
  using client = coreDriver.open(context.servers, LANE, hedger);
  return await measureLoop({ label: name, client, hedger }, context);
}

function plainRow(name: string, measured: Measured): Row {
  return { name, measured, bestMs: quantile(measured.latencies, 0.99) };
}

/** Both runs without hedging as one distribution. */
function pool(one: Sorted, other: Sorted): Sorted {
  return sorted(Float64Array.from([...one, ...other]));
}

function checks(rows: readonly Row[], plain: Sorted): Check[] {
  const row = (name: string): Row => {
    const found = rows.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(`no policy is called ${name}`);
    return found;
  };
  const plainP50 = quantile(plain, 0.5);
  const usual = row(DEFAULT);
  return [
    atMost(`${DEFAULT}: p99 / the best at its extra load`, p99(usual) / usual.bestMs, 1.15, formatRatio),
    atMost(`${GOAL}: p99 / that of the default, which has the same budget`, p99(row(GOAL)) / p99(usual), 1.03, formatRatio),
    atMost(`${GOAL_5}: p99 / that of p95, which has the same budget`, p99(row(GOAL_5)) / p99(row(QUANTILE_5)), 1.03, formatRatio),
    ...[DEFAULT, GOAL, GOAL_5, TWO_HEDGES].map((name) =>
      atMost(`${name}: p50 / p50 without hedging`, quantile(row(name).measured.latencies, 0.5) / plainP50, 1.05, formatRatio),
    ),
  ];
}

function drift(first: Measured, last: Measured): string[] {
  return [0.5, 0.99].flatMap((q) => {
    const [before, after] = [quantile(first.latencies, q), quantile(last.latencies, q)];
    if (Math.max(before / after, after / before) <= DRIFT) return [];
    return [`Without hedging p${q * 100} was ${formatMs(before)} ms at the beginning and ${formatMs(after)} ms at the end: the machine changed meanwhile.`];
  });
}
