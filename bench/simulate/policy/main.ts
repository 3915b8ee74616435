import type { HedgerOptions } from '@hedgerow/core';
import type { SimulationResult } from 'hedgerow';
import { formatMs, formatShare } from '#cli/demo/format.js';
import { quantile, quantileName } from '#cli/demo/percentiles.js';
import { mainAlone, type Setting } from '../../support/benchmark.js';
import { atMost, type Check, type Outcome } from '../../support/outcome.js';
import { percentileColumns, percentileFields } from '../../support/percentiles.js';
import { tableOf, type Columns } from '../../support/table.js';
import { run } from '../run.js';
import { DEFAULT, KNOWN, PROMISED, type Known, type Promised } from './rows.js';

type Sizes = 'calls' | 'warmup' | 'concurrency';

/** What a simulated figure may differ by from the known one. */
const WITHIN = { p99: 0.05, p999: 0.1, loadPoints: 0.005 } as const;

interface Row {
  readonly name: string;
  readonly known: Known | undefined;
  readonly result: SimulationResult;
}

const COLUMNS: Columns<Row> = {
  policy: ({ name }) => name,
  ...percentileColumns(({ result }) => result.latencies),
  'extra load': ({ result }) => formatLoad(result.extraLoad),
  'known p99': ({ known }) => (known ? formatMs(known.p99Ms) : ''),
  'known p99.9': ({ known }) => (known ? formatMs(known.p999Ms) : ''),
  'known load': ({ known }) => (known ? formatShare(known.extraLoad) : ''),
};

await mainAlone<Sizes>({
  name: 'policy',
  script: 'sim:policy',
  description: 'Simulated: policies on the reference workload with independent copies, against what theory says of them.',
  sizes: {
    calls: { what: 'calls per policy', full: 1_000_000, quick: 100_000 },
    warmup: { what: 'calls before them, which do not count', full: 20_000, quick: 5_000 },
    concurrency: { what: 'in flight at any time', full: 20, quick: 20 },
  },
  run: measure,
});

async function measure(setting: Setting<Sizes>): Promise<Outcome> {
  const rows: Row[] = [];
  const checks: Check[] = [];
  for (const known of KNOWN) {
    const result = await simulated(known.name, known.hedge, setting);
    rows.push({ name: known.name, known, result });
    checks.push(...agreement(known, result));
  }
  for (const promised of PROMISED) {
    const result = await simulated(promised.name, promised.hedge, setting);
    rows.push({ name: promised.name, known: undefined, result });
    checks.push(...kept(promised, result));
  }
  rows.push({ name: DEFAULT.name, known: undefined, result: await simulated(DEFAULT.name, DEFAULT.hedge, setting) });
  return {
    table: tableOf(rows, COLUMNS),
    notes: [
      'Milliseconds. Known: exact evaluations, or simulations of 400,000 calls by other programs, of the policy with d and q known exactly; here the scheduler learns them.',
      'p95 lies on a flat stretch of this workload’s distribution, where an estimate needs many samples: with few calls in the latency window (`--concurrency 4`) the delay wanders and p99 with it.',
    ],
    checks,
    records: rows.map(recordOf),
  };
}

async function simulated(name: string, hedge: HedgerOptions | false, setting: Setting<Sizes>): Promise<SimulationResult> {
  const { calls, warmup: warmupCalls, concurrency: inFlight } = setting.sizes;
  return run(name, { seed: setting.seed, calls, warmupCalls, arrivals: { kind: 'closed', inFlight }, hedge }, setting);
}

function agreement(known: Known, { latencies, extraLoad }: SimulationResult): Check[] {
  const near = (share: number, knownMs: number, within: number): Check => {
    const seenMs = quantile(latencies, share);
    return {
      what: `${known.name}: ${quantileName(share)}`,
      figure: seenMs.toFixed(2),
      bound: `${knownMs} ± ${within * 100} %`,
      ok: Math.abs(seenMs / knownMs - 1) <= within,
    };
  };
  return [
    near(0.99, known.p99Ms, WITHIN.p99),
    near(0.999, known.p999Ms, WITHIN.p999),
    {
      what: `${known.name}: extra load`,
      figure: formatLoad(extraLoad),
      bound: `${formatLoad(known.extraLoad)} ± ${WITHIN.loadPoints * 100} points`,
      ok: Math.abs(extraLoad - known.extraLoad) <= WITHIN.loadPoints,
    },
  ];
}

function kept({ name, quantile: share, atMostMs, atMostLoad }: Promised, { latencies, extraLoad }: SimulationResult): Check[] {
  return [
    atMost(`${name}: ${quantileName(share)}`, quantile(latencies, share), atMostMs, (ms) => ms.toFixed(2)),
    atMost(`${name}: extra load`, extraLoad, atMostLoad, formatLoad),
  ];
}

/** Two digits behind the point, because half a point is the bound. */
function formatLoad(load: number): string {
  return `${(load * 100).toFixed(2)} %`;
}

function recordOf({ name, known, result }: Row): Record<string, string | number | undefined> {
  const { calls, latencies, extraLoad, hedgeWins, hedges } = result;
  return {
    policy: name,
    calls,
    ...percentileFields(latencies),
    extraLoad,
    hedges,
    hedgeWins,
    knownP99Ms: known?.p99Ms,
    knownP999Ms: known?.p999Ms,
    knownExtraLoad: known?.extraLoad,
  };
}
