import type { SimulationResult } from 'hedgerow';
import { formatCount, formatMs, formatShare } from '#cli/demo/format.js';
import { quantile } from '#cli/demo/percentiles.js';
import { mainAlone, type Setting } from '../../support/benchmark.js';
import { atMost, formatRatio, type Outcome } from '../../support/outcome.js';
import { tableOf, type Columns } from '../../support/table.js';
import { notSent } from '../result.js';
import { run } from '../run.js';
import { loadPlot, p99Plot } from './plots.js';
import { FLEET, worldsOf, type Row, type World } from './worlds.js';

type Sizes = 'calls' | 'warmup' | 'servers' | 'seeds';
type Bench = Setting<Sizes>;

const BUDGET = 0.1;
const OUTAGE_MS = 5_000;
/** Copies per call while nobody answers. */
const MOST_IN_OUTAGE = 0.08;

const COLUMNS: Columns<Row> = {
  servers: ({ world, clients }) => `${world.name}, ${countOf(clients)}`,
  'p99, no hedging': ({ plainP99Ms }) => formatMs(plainP99Ms),
  p99: ({ p99Ms }) => formatMs(p99Ms),
  'p99 / no hedging': ({ ratioP99 }) => formatRatio(ratioP99),
  'p99.9 / no hedging': ({ ratioP999 }) => formatRatio(ratioP999),
  'extra load': ({ extraLoad }) => formatShare(extraLoad),
  'not sent': ({ notSent: share }) => formatShare(share),
  'slots taken': ({ utilisation }) => (Number.isNaN(utilisation) ? '' : formatShare(utilisation)),
};

await mainAlone<Sizes>({
  name: 'scale',
  description: 'Simulated: the same traffic to a hundred servers from one client up to a thousand, each with a Hedger of its own, at several loads.',
  sizes: {
    calls: { what: 'calls per number of clients', full: 400_000, quick: 60_000 },
    warmup: { what: 'calls before them, in which clients learn and which do not count', full: 400_000, quick: 200_000 },
    servers: { what: 'servers', full: 100, quick: 100 },
    seeds: { what: 'runs of each, with a seed of its own', full: 3, quick: 1 },
  },
  run: measure,
});

async function measure(setting: Bench): Promise<Outcome> {
  const { servers, calls, warmup } = setting.sizes;
  const rows: Row[] = [];
  for (const world of worldsOf(servers, calls + warmup)) {
    const runs = new Map(world.clients.map((clients) => [clients, [] as Seen[]]));
    for (let more = 0; more < setting.sizes.seeds; more++) {
      const plain = await runOnce(world, setting.seed + more, undefined, setting);
      for (const [clients, seen] of runs) seen.push({ plain, hedged: await runOnce(world, setting.seed + more, clients, setting) });
    }
    for (const [clients, seen] of runs) rows.push(rowOf(world, clients, seen));
  }
  const outages = await inOutage(setting);
  const fleets = rows.filter(({ world }) => world.clients === FLEET);
  return {
    table: tableOf(rows, COLUMNS),
    notes: [
      `Milliseconds, means of ${formatCount(setting.sizes.seeds)} seeds. ${formatCount(servers)} servers have 2 slots each, least outstanding requests first; loads are those without hedging. Traffic is the same from however many clients: a thousand make a thousandth of the calls each.`,
    ],
    checks: [
      ...rows.flatMap(checksOf),
      ...outages.map(({ clients, perCall }) => atMost(`all servers stall for ${OUTAGE_MS / 1_000} s, ${countOf(clients)}: copies per call meanwhile`, perCall, MOST_IN_OUTAGE, formatShare)),
    ],
    plots: [
      { file: 'scale-p99', alt: 'p99 against not hedging by the number of clients', svg: p99Plot(fleets) },
      { file: 'scale-load', alt: 'extra load by the number of clients', svg: loadPlot(fleets, BUDGET) },
    ],
    records: rows.map(({ world, ...row }) => ({ world: world.name, ...row })),
    details: { outages },
  };
}

/** The same traffic with hedging and without. */
interface Seen {
  readonly plain: SimulationResult;
  readonly hedged: SimulationResult;
}

async function runOnce({ name, scenario, share }: World, seed: number, clients: number | undefined, setting: Bench): Promise<SimulationResult> {
  const { calls, warmup } = setting.sizes;
  const sized = { ...scenario, seed, calls: Math.round(share * calls), warmupCalls: Math.round(share * warmup) };
  if (clients === undefined) return await run(`${name}, no hedging`, { ...sized, hedge: false }, setting);
  return await run(`${name}, ${countOf(clients)}`, { ...sized, clients }, setting);
}

function rowOf(world: World, clients: number, seen: readonly Seen[]): Row {
  const mean = (of: (one: Seen) => number): number => seen.reduce((sum, one) => sum + of(one), 0) / seen.length;
  const ratio = (share: number): number => mean(({ plain, hedged }) => quantile(hedged.latencies, share) / quantile(plain.latencies, share));
  return {
    world,
    clients,
    plainP99Ms: mean(({ plain }) => quantile(plain.latencies, 0.99)),
    p99Ms: mean(({ hedged }) => quantile(hedged.latencies, 0.99)),
    ratioP99: ratio(0.99),
    ratioP999: ratio(0.999),
    extraLoad: mean(({ hedged }) => hedged.extraLoad),
    notSent: mean(({ hedged }) => notSent(hedged)),
    utilisation: mean(({ hedged }) => hedged.utilisation ?? NaN),
  };
}

function checksOf({ world, clients, ratioP99, ratioP999, extraLoad }: Row): Outcome['checks'] {
  const name = `${world.name}, ${countOf(clients)}`;
  return [
    atMost(`${name}: extra load`, extraLoad, BUDGET, formatShare),
    atMost(`${name}: p99 / no hedging`, ratioP99, world.boundP99 ?? world.bound, formatRatio),
    atMost(`${name}: p99.9 / no hedging`, ratioP999, world.bound, formatRatio),
  ];
}

/** How much all clients together send when nobody answers. */
async function inOutage(setting: Bench): Promise<{ clients: number; perCall: number }[]> {
  const found: { clients: number; perCall: number }[] = [];
  const perSecond = 5_000;
  const fromSecond = Math.ceil(setting.sizes.warmup / perSecond);
  const toSecond = fromSecond + OUTAGE_MS / 1_000;
  for (const clients of FLEET) {
    const { seconds } = await run(
      `outage, ${countOf(clients)}`,
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

function countOf(clients: number): string {
  return `${formatCount(clients)} ${clients === 1 ? 'client' : 'clients'}`;
}
