import { setImmediate as turn } from 'node:timers/promises';
import { latencySequence } from '#cli/cluster/latency.js';
import { formatMs, formatShare } from '#cli/demo/format.js';
import { quantile, sorted, type Sorted } from '#cli/demo/percentiles.js';
import { exponential, seededRandom, type Random } from '#cli/simulate/random.js';
import { mainAlone, type Setting } from '../../support/benchmark.js';
import { atLeast, atMost, formatRatio, type Outcome } from '../../support/outcome.js';
import { percentileFields } from '../../support/percentiles.js';
import { tableOf } from '../../support/table.js';
import { bestWithinLoad } from '../../support/theory.js';
import { runLate } from './late-loop.js';
import { spentPlot } from './plot.js';

type Sizes = 'calls' | 'warmup' | 'concurrency';

const LATE_MS: readonly number[] = [0, 0.5, 1, 2, 3, 4, 6];
/** Nine tenths of the budget by default. */
const PLANNED = 0.09;
/** What the estimate of the quantile may be off. */
const CHANCE = 0.02;
/** Calls whose latencies stand for the workload. */
const KNOWN = 200_000;

export interface Row {
  readonly lateMs: number;
  readonly planned: number;
  readonly sent: number;
  /** What would be sent if hedges were due at the planned quantile, and launched late. */
  readonly unaimed: number;
  readonly latencies: Sorted;
}

await mainAlone<Sizes>({
  name: 'spend',
  script: 'sim:spend',
  description: 'Simulated: whether as many hedges are sent as are planned when timers fire late.',
  sizes: {
    calls: { what: 'calls per run', full: 200_000, quick: 40_000 },
    warmup: { what: 'calls before them, which do not count', full: 20_000, quick: 10_000 },
    concurrency: { what: 'in flight at any time', full: 10, quick: 10 },
  },
  run,
});

async function run({ sizes, seed, progress, signal }: Setting<Sizes>): Promise<Outcome> {
  const latencyOf = latencySequence(seed);
  const known = sorted(Float64Array.from({ length: KNOWN }, (_, number) => latencyOf(0, number)));
  const best = bestWithinLoad(known, 0.99, PLANNED).ms;
  const rows: Row[] = [];
  using bar = progress('lateness', LATE_MS.length);
  for (const lateMs of LATE_MS) {
    const random = seededRandom(seed, 1);
    const { sent, latencies } = runLate({ calls: sizes.calls, warmup: sizes.warmup, inFlight: sizes.concurrency, lateMs }, random);
    rows.push({ lateMs, planned: PLANNED, sent, unaimed: unaimed(known, lateMs, random), latencies });
    bar.tick();
    await turn();
    signal.throwIfAborted();
  }
  return {
    table: tableOf(rows, {
      'timers late by, on average': ({ lateMs }) => formatMs(lateMs),
      planned: ({ planned }) => formatShare(planned),
      sent: (row) => formatShare(row.sent),
      'were the delay taken as it is': (row) => formatShare(row.unaimed),
      p99: ({ latencies }) => formatMs(quantile(latencies, 0.99)),
      'p99 / best for the planned share': ({ latencies }) => formatRatio(quantile(latencies, 0.99) / best),
    }),
    notes: ['Milliseconds; lateness is exponential. Were the delay taken as it is: the share of calls that still run when a hedge that is due at the 0.91 quantile is launched, by the latencies as drawn.'],
    checks: rows.flatMap(({ lateMs, sent }) => [
      atLeast(`${lateMs} ms late: sent / planned`, sent / PLANNED, 0.9, formatRatio),
      atMost(`${lateMs} ms late: sent / planned`, sent / PLANNED, 1 + CHANCE, formatRatio),
    ]),
    plots: [spentPlot(rows)],
    records: rows.map(({ lateMs, planned, sent, unaimed: without, latencies }) => ({ lateMs, planned, sent, unaimed: without, ...percentileFields(latencies) })),
  };
}

function unaimed(known: Sorted, lateMs: number, random: Random): number {
  const delayMs = quantile(known, 1 - PLANNED);
  return known.reduce((count, ms) => count + Number(ms > delayMs + lateMs * exponential(random)), 0) / known.length;
}
