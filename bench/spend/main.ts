import { defaultBurst } from '#core/budget/ratio-bucket.js';
import { plannedShare } from '#core/goal/estimates.js';
import { formatMs, formatShare } from '#cli/demo/format.js';
import { quantile, sorted, type Sorted } from '#cli/demo/percentiles.js';
import { main, type Context } from '../support/benchmark.js';
import { DRIVERS } from '../support/drivers.js';
import { atAnyLength, atLeast, atMost, formatRatio, type Check, type Outcome } from '../support/outcome.js';
import { tableOf, type Columns } from '../support/table.js';
import { bestWithinLoad } from '../support/theory.js';
import { spend, type Place, type Policy, type Spent } from './cell.js';
import { surrounded } from './crowd.js';
import { drawnLatencies, withLag } from './lag.js';

type Size = 'requests' | 'warmup' | 'rounds';

/** The budget by default: tokens per call. */
const RATIO = 0.1;
/** How far back latency is remembered by default. */
const WINDOW_MS = 60_000;
const DEFAULT: Policy = { name: 'default', options: {}, planned: () => 0.9 * RATIO };
const GOAL: Policy = {
  name: 'goal p99',
  options: { delay: { minimize: 0.99 } },
  planned: (samples) => RATIO * plannedShare(defaultBurst(RATIO, samples / WINDOW_MS)),
};
const IN_FLIGHT: readonly number[] = [2, 4, 10, 20];
/** Up to this share of a processor a client has time to keep to its plan. */
const MOST_PROCESSOR = 0.7;
const LEAST_SPENT = 0.85;
const MOST_P99 = 1.1;

interface Row extends Spent {
  readonly place: Place;
  /** The best p99 for the planned share: of the workload as drawn, and with the lag that this client had in the same rounds. */
  readonly best: { readonly drawnMs: number; readonly withLagMs: number };
}

const COLUMNS: Columns<Row> = {
  'client, in flight': ({ place }) => nameOf(place),
  planned: ({ planned }) => formatShare(planned),
  due: ({ due }) => formatShare(due),
  sent: ({ sent }) => formatShare(sent),
  'sent / planned': (row) => formatRatio(ratio(row)),
  refused: ({ refused }) => formatRefused(refused),
  'p99 plain': ({ plain }) => formatMs(quantile(plain, 0.99)),
  p99: (row) => formatMs(p99(row)),
  'lag p50 / p99': ({ lagsMs }) => lagOf(lagsMs),
  best: ({ best }) => formatMs(best.drawnMs),
  'best + lag': ({ best }) => formatMs(best.withLagMs),
  'p99 / that': (row) => formatRatio(p99(row) / row.best.withLagMs),
  'client busy': ({ processor }) => formatShare(processor),
  correlation: ({ correlation }) => correlation?.toFixed(2) ?? '',
};

const NOTES = [
  'Planned: the share of calls that the plan hedges, 1 − the quantile by default, what the goal asks of its budget. Due: calls that still ran at the delay of their plan. Sent: requests that the server received beyond the calls made. Refused: hedges that were due and not permitted, by reason.',
  'Milliseconds. Best: the least p99 that one hedge per call can reach with the planned share, by the latencies as the server draws them. Best + lag: the same, where each latency is longer by a lag that calls of the same rounds had: what a call took from the client’s point of view, less what its server was told to take, of calls that are answered too soon to be hedged. It holds the time of client, kernel and server, and waiting for a processor.',
  'Client busy: processor time of the client’s process as a share of one processor. Crowded: meanwhile a process occupies each processor. Bounds hold for clients that are busy for less than 70 %.',
];

await main<Size>({
  name: 'spend',
  description: 'Whether the hedges that are planned are sent: every client at several numbers in flight, on a machine of its own and on a crowded one.',
  isPublished: false,
  sizes: {
    requests: { what: 'measured requests with hedging per row, and half as many without', full: 7_000, quick: 1_200 },
    warmup: { what: 'requests before them, which do not count', full: 2_000, quick: 800 },
    rounds: { what: 'rounds, plain and hedged by turns', full: 4, quick: 2 },
  },
  run,
});

async function run(context: Context<Size>): Promise<Outcome> {
  const drawn = drawnLatencies(context.seed);
  const rows: Row[] = [];
  for (const place of places()) rows.push(await measurePlace(place, drawn, context));
  return {
    table: tableOf(rows, COLUMNS),
    notes: NOTES,
    checks: [...rows.filter(hasTime).flatMap(checksOf), pauses(rows)],
    records: rows.map(recordOf),
  };
}

async function measurePlace(place: Place, drawn: Sorted, context: Context<Size>): Promise<Row> {
  const { sizes, servers } = context;
  const perRound = Math.ceil(sizes.requests / sizes.rounds);
  using bar = context.progress(nameOf(place), sizes.warmup + sizes.rounds * (perRound + Math.ceil(perRound / 2)));
  const spent = await surrounded(place.isCrowded, () => spend(place, servers, sizes, { seed: context.seed, signal: context.signal, tick: bar.tick }));
  const { planned } = spent;
  return { place, ...spent, best: { drawnMs: bestWithinLoad(drawn, 0.99, planned).ms, withLagMs: bestWithinLoad(withLag(drawn, spent.lagsMs, context.seed), 0.99, planned).ms } };
}

function places(): Place[] {
  return [false, true].flatMap((isCrowded) =>
    DRIVERS.flatMap((driver) => [
      ...IN_FLIGHT.map((inFlight) => ({ driver, inFlight, isCrowded, policy: DEFAULT })),
      { driver, inFlight: 4, isCrowded, policy: GOAL },
    ]),
  );
}

function nameOf({ driver, inFlight, isCrowded, policy }: Place): string {
  return [driver.name, inFlight, ...(policy === GOAL ? [policy.name] : []), ...(isCrowded ? ['crowded'] : [])].join(', ');
}

function lagOf(lagsMs: readonly number[]): string {
  const lags = sorted(Float64Array.from(lagsMs));
  return `${formatMs(quantile(lags, 0.5))} / ${formatMs(quantile(lags, 0.99))}`;
}

function p99({ hedged }: Row): number {
  return quantile(hedged, 0.99);
}

function ratio({ sent, planned }: Row): number {
  return sent / planned;
}

function hasTime({ processor }: Row): boolean {
  return processor < MOST_PROCESSOR;
}

function checksOf(row: Row): Check[] {
  const name = nameOf(row.place);
  const chance = 2 / Math.sqrt(row.planned * row.calls);
  return [
    atLeast(`${name}: hedges sent / planned`, ratio(row), LEAST_SPENT, formatRatio),
    atMost(`${name}: hedges sent / planned, but for chance (two standard errors)`, ratio(row), 1 + chance, formatRatio),
    atMost(`${name}: p99 / the best at the planned share with the client’s own lag`, p99(row) / row.best.withLagMs, MOST_P99, formatRatio),
  ];
}

/** All copies are independent. */
function pauses(rows: readonly Row[]): Check {
  const calls = rows.reduce((sum, row) => sum + row.calls, 0);
  const paused = rows.reduce((sum, { refused }) => sum + Number((refused.no_benefit ?? 0) > 0), 0);
  return atAnyLength(atMost(`pauses because copies did not help, in ${calls} calls`, paused, 0, String));
}

function formatRefused(refused: Row['refused']): string {
  const parts = Object.entries(refused).map(([reason, share]) => `${reason} ${formatShare(share)}`);
  return parts.length === 0 ? '0.0 %' : parts.join(', ');
}

function recordOf({ place, plain, hedged, best, calls, planned, sent, due, processor, others, correlation, refused }: Row): Record<string, string | number | undefined> {
  return {
    client: place.driver.name, inFlight: place.inFlight, policy: place.policy.name, crowded: Number(place.isCrowded),
    calls, planned, due, sent, refused: JSON.stringify(refused),
    plainP99Ms: quantile(plain, 0.99), p50Ms: quantile(hedged, 0.5), p99Ms: quantile(hedged, 0.99), bestMs: best.drawnMs, bestWithLagMs: best.withLagMs,
    processor, correlation, otherProcesses: others,
  };
}
