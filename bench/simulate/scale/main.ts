import type { Scenario, SimulationResult } from 'hedgerow';
import { formatCount, formatShare } from '#cli/demo/format.js';
import { mainAlone, type Setting } from '../../support/benchmark.js';
import { atMost, formatRatio, type Outcome } from '../../support/outcome.js';
import { percentileColumns, percentileFields } from '../../support/percentiles.js';
import { tableOf, type Columns } from '../../support/table.js';
import { notSent, p99 } from '../result.js';
import { run } from '../run.js';
import { loadPlot, p99Plot, type Line } from './plots.js';

type Sizes = 'calls' | 'warmup' | 'servers';

/** The same traffic for all, from fewer or more clients. */
const CLIENTS: readonly number[] = [1, 10, 100, 1_000];
const LOAD = 0.85;
const SLOTS = 2;
const OUTAGE_MS = 5_000;
const BUDGET = 0.1;
/** Queues take over from about here. */
const MOST_LOAD = 0.9;
/** Half of the default. */
const SMALL_BUDGET = 0.05;

/** What happens to work that its client has given up, and what clients may spend. */
const WORLDS = [
  { name: 'aborted work stops', stopsAborted: true, ratio: BUDGET },
  { name: 'aborted work runs on', stopsAborted: false, ratio: BUDGET },
  { name: `aborted work runs on, budget ${formatShare(SMALL_BUDGET)}`, stopsAborted: false, ratio: SMALL_BUDGET },
] as const;

interface Row {
  readonly world: (typeof WORLDS)[number];
  readonly clients: number | undefined;
  readonly result: SimulationResult;
}

const COLUMNS: Columns<Row> = {
  [`servers ${Math.round(LOAD * 100)} % busy`]: ({ world, clients }) => `${world.name}, ${clients === undefined ? 'no hedging' : countOf(clients)}`,
  ...percentileColumns(({ result }) => result.latencies),
  'extra load': ({ result }) => formatShare(result.extraLoad),
  'not sent': ({ result }) => formatShare(notSent(result)),
  'slots taken': ({ result }) => formatShare(result.utilisation ?? NaN),
};

await mainAlone<Sizes>({
  name: 'scale',
  description: 'Simulated: the same traffic to a hundred servers from one client up to a thousand, each with a Hedger of its own.',
  sizes: {
    calls: { what: 'calls per number of clients', full: 800_000, quick: 60_000 },
    warmup: { what: 'calls before them, in which clients learn and which do not count', full: 400_000, quick: 200_000 },
    servers: { what: 'servers', full: 100, quick: 100 },
  },
  run: measure,
});

async function measure(setting: Setting<Sizes>): Promise<Outcome> {
  const rows: Row[] = [];
  for (const world of WORLDS) {
    const { calls, warmup: warmupCalls, servers } = setting.sizes;
    const scenario: Scenario = {
      seed: setting.seed, calls, warmupCalls,
      arrivals: { kind: 'load', load: LOAD },
      backends: { count: servers, slots: SLOTS, dispatch: 'leastOutstanding', stopsAborted: world.stopsAborted },
    };
    const hedge = { budget: { ratio: world.ratio } };
    rows.push({ world, clients: undefined, result: await run(`${world.name}, no hedging`, { ...scenario, hedge: false }, setting) });
    for (const clients of CLIENTS) {
      rows.push({ world, clients, result: await run(`${world.name}, ${formatCount(clients)} clients`, { ...scenario, clients, hedge }, setting) });
    }
  }
  const outages = await inOutage(setting);
  const lines = linesOf(rows);
  return {
    table: tableOf(rows, COLUMNS),
    notes: [
      `Milliseconds. ${formatCount(setting.sizes.servers)} servers, ${SLOTS} slots each, least outstanding requests first, ${Math.round(LOAD * 100)} % busy without hedging. Traffic is the same in every row: a thousand clients make a thousandth of the calls each.`,
      `When all servers stall for ${OUTAGE_MS / 1_000} s, copies sent per call of that time: ${outages.map(({ clients, perCall }) => `${formatShare(perCall)} with ${countOf(clients)}`).join(', ')}. Every client has a burst of its own to spend.`,
    ],
    checks: rows.flatMap((row) => checksOf(row, rows)),
    plots: [
      { file: 'scale-p99', alt: 'p99 by the number of clients, with hedging and without', svg: p99Plot(lines) },
      { file: 'scale-load', alt: 'extra load by the number of clients', svg: loadPlot(lines, BUDGET) },
    ],
    records: rows.map(recordOf),
    details: { outages },
  };
}

/** How much all clients together send when nobody answers. */
async function inOutage(setting: Setting<Sizes>): Promise<{ clients: number; perCall: number }[]> {
  const found: { clients: number; perCall: number }[] = [];
  const perSecond = 5_000;
  const fromSecond = Math.ceil(setting.sizes.warmup / perSecond);
  const toSecond = fromSecond + OUTAGE_MS / 1_000;
  for (const clients of CLIENTS) {
    const { seconds } = await run(
      `outage, ${formatCount(clients)} clients`,
      {
        seed: setting.seed, clients, calls: perSecond * (toSecond + 1), warmupCalls: 0,
        arrivals: { kind: 'poisson', perSecond },
        faults: [{ kind: 'outage', fromMs: fromSecond * 1_000, toMs: toSecond * 1_000 }],
      },
      setting,
    );
    const during = seconds.slice(fromSecond, toSecond);
    const total = (of: 'calls' | 'hedges'): number => during.reduce((sum, second) => sum + second[of], 0);
    found.push({ clients, perCall: total('hedges') / total('calls') });
  }
  return found;
}

function checksOf({ world, clients, result }: Row, rows: readonly Row[]): Outcome['checks'] {
  const plain = rows.find((row) => row.world === world && row.clients === undefined);
  if (clients === undefined || plain === undefined) return [];
  const name = `${world.name}, ${countOf(clients)}`;
  const ratio = p99(result) / p99(plain.result);
  return [
    atMost(`${name}: extra load`, result.extraLoad, world.ratio, formatShare),
    isTooBusy(world) ? { what: `${name}: p99 / p99 without hedging`, figure: formatRatio(ratio), bound: 'none is promised', ok: true } : atMost(`${name}: p99 / p99 without hedging`, ratio, 1.15, formatRatio),
  ];
}

/** What copies add is more than the servers can bear for long: there hedging does harm from so many clients, and the documentation says so. */
function isTooBusy({ stopsAborted, ratio }: Row['world']): boolean {
  return !stopsAborted && LOAD * (1 + ratio) > MOST_LOAD;
}

function linesOf(rows: readonly Row[]): Line[] {
  return WORLDS.map((world) => {
    const own = rows.filter((row) => row.world === world);
    const plain = own.find(({ clients }) => clients === undefined);
    return {
      name: world.name,
      plainMs: plain === undefined ? NaN : p99(plain.result),
      points: own.flatMap(({ clients, result }) => (clients === undefined ? [] : [{ clients, p99Ms: p99(result), extraLoad: result.extraLoad }])),
    };
  });
}

function recordOf({ world, clients, result }: Row): Record<string, string | number | undefined> {
  const { calls, extraLoad, latencies, utilisation, suppressions, worstWindow } = result;
  return {
    world: world.name, clients, calls,
    ...percentileFields(latencies),
    extraLoad, utilisation, worstWindow,
    suppressions: JSON.stringify(suppressions),
  };
}

function countOf(clients: number): string {
  return `${formatCount(clients)} ${clients === 1 ? 'client' : 'clients'}`;
}

