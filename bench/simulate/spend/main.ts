import { setImmediate as turn } from 'node:timers/promises';
import { formatMs, formatShare } from '#cli/demo/format.js';
import { quantile, type Sorted } from '#cli/demo/percentiles.js';
import { exponential, seededRandom, type Random } from '#cli/simulate/random.js';
import { drawnLatencies, withLag } from '../../spend/lag.js';
import { mainAlone, type Setting } from '../../support/benchmark.js';
import { atAnyLength, atLeast, atMost, formatRatio, type Check, type Outcome } from '../../support/outcome.js';
import { percentileFields } from '../../support/percentiles.js';
import { tableOf, type Columns } from '../../support/table.js';
import { bestWithinLoad } from '../../support/theory.js';
import { runLate, type LateRun } from './late-loop.js';
import { spentPlot } from './plot.js';

type Sizes = 'calls' | 'warmup' | 'concurrency';

/** How late timers are, in milliseconds on average, and what the client takes for an answer. */
const WORLDS: readonly World[] = [
  ...[0, 0.5, 1, 2, 3, 4, 6].map((lateMs) => ({ lateMs, costMs: 0 })),
  ...[0.1, 0.2, 0.3, 0.35].map((costMs) => ({ lateMs: 0.5, costMs })),
];
/** Nine tenths of the budget by default. */
const PLANNED = 0.09;
/** What the estimate of the quantile may be off. */
const CHANCE = 0.02;
const LEAST_SPENT = 0.9;
const MOST_BUSY = 0.7;
const MOST_P99 = 1.1;
/** Of calls that the server answers sooner than this quantile next to none is hedged. */
const SOON = 0.8;

interface World {
  readonly lateMs: number;
  readonly costMs: number;
}

export interface Row extends World, LateRun {
  readonly planned: number;
  /** What would be sent if hedges were due at the planned quantile, and launched late. */
  readonly unaimed: number;
  /** The best p99 for the planned share, with the lag that the calls had. */
  readonly bestMs: number;
}

const COLUMNS: Columns<Row> = {
  'timers late by, an answer takes': ({ lateMs, costMs }) => `${lateMs} ms, ${costMs} ms`,
  'loop busy': ({ busy }) => formatShare(busy),
  planned: ({ planned }) => formatShare(planned),
  sent: (row) => formatShare(row.sent),
  'were the delay taken as it is': ({ unaimed, costMs }) => (costMs === 0 ? formatShare(unaimed) : ''),
  p99: ({ latencies }) => formatMs(quantile(latencies, 0.99)),
  'best + lag': ({ bestMs }) => formatMs(bestMs),
  'p99 / that': ({ latencies, bestMs }) => formatRatio(quantile(latencies, 0.99) / bestMs),
};

await mainAlone<Sizes>({
  name: 'spend',
  script: 'sim:spend',
  description: 'Simulated: whether as many hedges are sent as are planned when timers fire late, and when the event loop is busy.',
  sizes: {
    calls: { what: 'calls per run', full: 200_000, quick: 40_000 },
    warmup: { what: 'calls before them, which do not count', full: 20_000, quick: 10_000 },
    concurrency: { what: 'in flight at any time', full: 10, quick: 10 },
  },
  run,
});

async function run({ sizes, seed, progress, signal }: Setting<Sizes>): Promise<Outcome> {
  const drawn = drawnLatencies(seed);
  const { calls, warmup, concurrency: inFlight } = sizes;
  const rows: Row[] = [];
  using bar = progress('worlds', WORLDS.length);
  for (const world of WORLDS) {
    const random = seededRandom(seed, 1);
    const result = runLate({ ...world, calls, warmup, inFlight, soonMs: quantile(drawn, SOON) }, random);
    const bestMs = bestWithinLoad(withLag(drawn, result.lagsMs, seed), 0.99, PLANNED).ms;
    rows.push({ ...world, ...result, planned: PLANNED, unaimed: unaimed(drawn, world.lateMs, random), bestMs });
    bar.tick();
    await turn();
    signal.throwIfAborted();
  }
  const late = rows.filter(({ costMs }) => costMs === 0);
  return {
    table: tableOf(rows, COLUMNS),
    notes: [
      'Milliseconds; lateness is exponential, beside what the loop itself does to timers. Loop busy: the share of the time in which it reads answers, one after another. Were the delay taken as it is: the share of calls that still run when a hedge that is due at the 0.91 quantile is launched, by the latencies as drawn.',
      'Best + lag: the least p99 that one hedge per call can reach with the planned share, each latency longer by a lag that calls of the run had which were answered too soon to be hedged.',
    ],
    checks: rows.flatMap(checksOf),
    plots: [spentPlot(late)],
    records: rows.map(({ lateMs, costMs, busy, planned, sent, unaimed: without, bestMs, noBenefit, latencies }) => {
      return { lateMs, costMs, busy, planned, sent, unaimed: without, noBenefit, bestWithLagMs: bestMs, ...percentileFields(latencies) };
    }),
  };
}

function checksOf({ lateMs, costMs, busy, sent, noBenefit, latencies, bestMs }: Row): Check[] {
  const name = `timers ${lateMs} ms late, ${costMs} ms for an answer`;
  const pauses = atAnyLength(atMost(`${name}: hedges not sent because copies seemed not to help`, noBenefit, 0, String));
  if (busy >= MOST_BUSY) return [pauses];
  return [
    pauses,
    atLeast(`${name}: sent / planned`, sent / PLANNED, LEAST_SPENT, formatRatio),
    atMost(`${name}: sent / planned, but for chance`, sent / PLANNED, 1 + CHANCE, formatRatio),
    ...(lateMs <= 1 ? [atMost(`${name}: p99 / best + lag`, quantile(latencies, 0.99) / bestMs, MOST_P99, formatRatio)] : []),
  ];
}

function unaimed(drawn: Sorted, lateMs: number, random: Random): number {
  const delayMs = quantile(drawn, 1 - PLANNED);
  return drawn.reduce((count, ms) => count + Number(ms > delayMs + lateMs * exponential(random)), 0) / drawn.length;
}
