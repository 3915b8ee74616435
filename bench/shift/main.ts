import type { HedgerOptions } from '@hedgerow/core';
import { formatShare } from '#cli/demo/format.js';
import { main, type Context } from '../support/benchmark.js';
import { failures, openLoop, streamsOf, type Stream } from '../support/open-loop.js';
import { atMost, formatSeconds, type Check, type Outcome } from '../support/outcome.js';
import { COLORS } from '../support/plot.js';
import { backAfter, latencyBySecond, percentBySecond, rate, secondRecords, sumSeconds, withinBudget } from '../support/series.js';
import { drawSeries } from '../support/series-plot.js';

type Sizes = 'streams' | 'rate' | 'before' | 'slow' | 'after';

const FACTOR = 3;
/** Two points. */
const WITHIN = 0.02;
const MOST_SECONDS = 20;

const NONE = 'no hedging';
const POLICIES: readonly { name: string; options: HedgerOptions; ratio: number; color: string }[] = [
  { name: 'default', options: {}, ratio: 0.1, color: COLORS.hedged },
  { name: 'goal seeking p99', options: { delay: { minimize: 0.99 } }, ratio: 0.1, color: COLORS.goal },
];

/** What became of one policy. */
interface Found {
  readonly name: string;
  readonly color: string;
  readonly ratio: number;
  readonly streams: readonly Stream[];
  /** Hedges due per call before the step. */
  readonly steady: number;
  /** Seconds until hedges that are due, and hedges that are sent, are back within two points. */
  readonly afterRise: { readonly due: number; readonly hedges: number };
  readonly afterFall: { readonly due: number; readonly hedges: number };
}

await main<Sizes>({
  name: 'shift',
  description: `Latency becomes ${FACTOR} times what it was, and later returns: how long until hedging fits it again.`,
  sizes: {
    streams: { what: 'clients side by side for each policy', full: 6, quick: 2 },
    rate: { what: 'calls per second of each client', full: 100, quick: 100 },
    before: { what: 'seconds before', full: 60, quick: 12 },
    slow: { what: 'seconds of slowness', full: 60, quick: 12 },
    after: { what: 'seconds after', full: 60, quick: 12 },
  },
  run,
});

async function run(context: Context<Sizes>): Promise<Outcome> {
  const { servers, seed, signal } = context;
  const { streams: count, rate: callsPerSecond, before, slow, after } = context.sizes;
  const plain = streamsOf(NONE, undefined, count);
  const hedged = POLICIES.map((policy) => ({ ...policy, streams: streamsOf(policy.name, policy.options, count) }));
  const seconds = before + slow + after;
  using bar = context.progress('shift', seconds);
  await openLoop([...plain, ...hedged.flatMap(({ streams }) => streams)], {
    servers, seed, callsPerSecond, seconds, signal,
    incidents: [
      { second: before, happen: () => servers.tell({ name: 'slow', factor: FACTOR }) },
      { second: before + slow, happen: () => servers.tell({ name: 'slow', factor: 1 }) },
    ],
    onSecond: bar.tick,
  });
  const found = hedged.map((policy) => judge(policy, context.sizes));
  return {
    // Two columns have one name.
    table: {
      head: ['policy', 'hedges due before', 'due again after the rise', 'sent again', 'due again after the return', 'sent again'],
      rows: found.map(({ name, steady, afterRise, afterFall }) => [
        name, formatShare(steady),
        formatSeconds(afterRise.due), formatSeconds(afterRise.hedges), formatSeconds(afterFall.due), formatSeconds(afterFall.hedges),
      ]),
    },
    notes: [
      'Due: hedges whose delay had passed, whether the budget allowed them or not; sent: those that it allowed. Again: within two points of the rate before, over five seconds, for ten seconds on end.',
    ],
    checks: [...found.flatMap(checksOf), failures([...plain, ...hedged.flatMap(({ streams }) => streams)])],
    plots: [{ file: 'shift', alt: 'Hedge rate and p99 over time while latency triples and returns', svg: plot(found, plain, context.sizes) }],
    records: found.flatMap(({ name, streams }) => secondRecords(name, streams)),
    details: { summary: found.map(({ name, steady, afterRise, afterFall }) => ({ name, steady, afterRise, afterFall })) },
  };
}

function judge(policy: Pick<Found, 'name' | 'color' | 'ratio' | 'streams'>, { before, slow, after }: Context<Sizes>['sizes']): Found {
  const total = sumSeconds(policy.streams);
  const steadyOf = (kind: 'due' | 'hedges'): number => rate(total, kind, Math.floor(before / 2), before);
  const back = (from: number, end: number, kind: 'due' | 'hedges'): number => backAfter(total, kind, { from, end, steady: steadyOf(kind), within: WITHIN });
  const [rise, fall, end] = [before, before + slow, before + slow + after];
  return {
    ...policy,
    steady: steadyOf('due'),
    afterRise: { due: back(rise, fall, 'due'), hedges: back(rise, fall, 'hedges') },
    afterFall: { due: back(fall, end, 'due'), hedges: back(fall, end, 'hedges') },
  };
}

function checksOf({ name, afterRise, afterFall, streams, ratio }: Found): Check[] {
  const back = (what: string, seconds: number): Check => atMost(`${name}: ${what}`, seconds, MOST_SECONDS, formatSeconds);
  return [
    back('latency rose: hedges due are back within two points after', afterRise.due),
    back('latency rose: hedges sent are back within two points after', afterRise.hedges),
    back('latency returned: hedges due are back within two points after', afterFall.due),
    back('latency returned: hedges sent are back within two points after', afterFall.hedges),
    withinBudget(name, streams, ratio),
  ];
}

function plot(found: readonly Found[], plain: readonly Stream[], { before, slow, after }: Context<Sizes>['sizes']): string {
  const incident = { name: `${FACTOR} × latency`, from: before, to: before + slow };
  const [first] = found;
  const totals = found.map((policy) => ({ ...policy, total: sumSeconds(policy.streams) }));
  const band = first && ([100 * (first.steady - WITHIN), 100 * (first.steady + WITHIN)] as const);
  const several = found.length > 1;
  return drawSeries(
    [
      {
        title: 'Hedges per hundred calls, over three seconds; shaded: within two points of the rate before',
        yName: '%',
        band,
        series: totals.flatMap(({ name, color, total }) => [
          { name: `${name}, sent`, color, points: percentBySecond(total, 'hedges', 1) },
          ...(several ? [] : [{ name: `${name}, due`, color: COLORS.other, dashed: true, points: percentBySecond(total, 'due', 1) }]),
        ]),
      },
      {
        title: 'p99 in milliseconds, over three seconds',
        yName: 'ms',
        series: [
          { name: NONE, color: COLORS.plain, points: latencyBySecond(plain, 0.99, 1) },
          ...found.map(({ name, color, streams }) => ({ name, color, points: latencyBySecond(streams, 0.99, 1) })),
        ],
      },
    ],
    incident,
    before + slow + after,
  );
}
