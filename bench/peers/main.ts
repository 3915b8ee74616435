import { Hedger, type HedgerOptions } from '@hedgerow/core';
import { hedgedFetch } from '@hedgerow/fetch';
import { formatMs, formatShare } from '#cli/demo/format.js';
import { quantile } from '#cli/demo/percentiles.js';
import { main, type Context } from '../support/benchmark.js';
import { loopSizes, measureLoop, type LoopSizes, type Run } from '../support/closed-loop.js';
import type { OpenClient } from '../support/drivers.js';
import { saturation } from '../support/machine.js';
import { LANE, type Measured } from '../support/measure.js';
import type { Check, Outcome } from '../support/outcome.js';
import { percentileColumns, percentileFields } from '../support/percentiles.js';
import { tableOf } from '../support/table.js';
import { contenders, versions, type Get } from './peers.js';

interface Row extends Run {
  readonly isOurs: boolean;
}

/** Ours, over the same fetch. */
const OWN: readonly { readonly name: string; readonly options: HedgerOptions }[] = [
  { name: 'hedgerow, default (10 %)', options: {} },
  ...[0.1, 0.05, 0.04, 0.03].map((ratio) => ({ name: `hedgerow, goal p99, ${formatShare(ratio)}`, options: { delay: { minimize: 0.99 }, budget: { ratio } } })),
];
const NONE = 'no hedging';

await main<LoopSizes>({
  name: 'peers',
  description: 'Other libraries that hedge fetch, at several settings, over real HTTP on loopback, all with the same latencies as bench:compare.',
  sizes: loopSizes('row', [50_000, 2_000], [10_000, 500]),
  run,
});

async function run(context: Context<LoopSizes>): Promise<Outcome> {
  const others = await contenders();
  const rows: Row[] = [{ name: NONE, isOurs: false, measured: await measureGet(NONE, fetch, undefined, context) }];
  for (const { name, get } of others) rows.push({ name, isOurs: false, measured: await measureGet(name, get, undefined, context) });
  for (const { name, options } of OWN) {
    const hedger = new Hedger(options);
    rows.push({ name, isOurs: true, measured: await measureGet(name, hedgedFetch({ hedger }), hedger, context) });
  }
  return {
    table: tableOf(rows, {
      'library and setting': ({ name }) => name,
      ...percentileColumns(({ measured }) => measured.latencies),
      'extra load': ({ measured }) => formatShare(measured.extraLoad),
      'client busy': ({ measured }) => formatShare(measured.busy),
    }),
    notes: [
      'Milliseconds up to the parsed body. Extra load: requests that the server received beyond the calls made.',
      `Measured: ${Object.entries(versions()).map(([name, version]) => `${name} ${version}`).join(', ')}. ffetch has a fixed delay and no budget; hedge-fetch waits for a moving p95, never less than 25 ms.`,
    ],
    checks: rows.filter(({ name, isOurs }) => !isOurs && name !== NONE).map((row) => against(row, rows)),
    records: rows.map(({ name, measured: { latencies, extraLoad, refused, requestsPerSecond, busy, others: otherProcesses } }) => {
      return { setting: name, ...percentileFields(latencies), extraLoad, refused, requestsPerSecond, clientBusy: busy, otherProcesses };
    }),
    details: { versions: versions() },
    warnings: saturation(rows),
  };
}

async function measureGet(name: string, get: Get, hedger: Hedger | undefined, context: Context<LoopSizes>): Promise<Measured> {
  using client: OpenClient = {
    call: async (number) => (await get(`${context.servers.url}/${LANE}/${number}`)).json(),
    [Symbol.dispose]: () => hedger?.dispose(),
  };
  const { log } = console;
  // One of them prints a line for every hedge.
  console.log = () => undefined;
  try {
    return await measureLoop({ label: name, client, hedger }, context);
  } finally {
    console.log = log;
  }
}

/** The best of ours that spent no more. */
function against({ name, measured }: Row, rows: readonly Row[]): Check {
  const theirs = quantile(measured.latencies, 0.99);
  const best = rows
    .filter((row) => row.isOurs && row.measured.extraLoad <= measured.extraLoad)
    .map((row) => ({ name: row.name, ms: quantile(row.measured.latencies, 0.99) }))
    .sort((one, other) => one.ms - other.ms)[0];
  return {
    what: `${name}: p99 of hedgerow for no more extra load (${best?.name ?? 'none spent as little'})`,
    figure: `${formatMs(best?.ms ?? NaN)} ms`,
    bound: `≤ ${formatMs(theirs)} ms`,
    ok: best !== undefined && best.ms <= theirs,
  };
}
