import type { HedgerOptions } from '@hedgerow/core';
import { formatCount, formatShare } from '#cli/demo/format.js';
import { main, type Context } from '../support/benchmark.js';
import { failures, openLoop, streamsOf, type Second, type Stream } from '../support/open-loop.js';
import { atMost, formatSeconds, type Check, type Outcome } from '../support/outcome.js';
import { COLORS } from '../support/plot.js';
import { backAfter, latencyBySecond, percentBySecond, rate, secondRecords, sumSeconds, withinBudget } from '../support/series.js';
import { drawSeries } from '../support/series-plot.js';
import { tableOf } from '../support/table.js';

type Sizes = 'streams' | 'rate' | 'before' | 'stall' | 'after';

/** Hedges per call that the outage may cost beyond what the budget had saved up. */
const MOST_EXTRA = 0.02;
/** Two points. */
const WITHIN = 0.02;
const MOST_SECONDS = 10;

interface Policy {
  readonly name: string;
  readonly options: HedgerOptions | undefined;
  /** What its budget gives per call; `undefined` if it has none and nothing is promised. */
  readonly ratio: number | undefined;
  readonly color: string;
}

const POLICIES: readonly Policy[] = [
  { name: 'no hedging', options: undefined, ratio: undefined, color: COLORS.plain },
  { name: 'default', options: {}, ratio: 0.1, color: COLORS.hedged },
  { name: 'goal seeking p99', options: { delay: { minimize: 0.99 } }, ratio: 0.1, color: COLORS.goal },
  // Nor a limit of hedges under way, which would stand in for the budget here.
  { name: 'fixed 10 ms, no limits', options: { delay: 10, budget: false, maxConcurrentHedges: 1_000_000 }, ratio: undefined, color: COLORS.other },
];

/** What became of one policy. */
interface Found extends Policy {
  readonly streams: readonly Stream[];
  readonly total: readonly Second[];
  readonly callsInStall: number;
  readonly hedgesInStall: number;
  /** Hedges that were due during the stall and not sent. */
  readonly refusedInStall: number;
  /** What the budgets could hold when it began. */
  readonly savedUp: number;
  /** Hedges sent per call before it. */
  readonly steady: number;
  /** Seconds after its end until hedges that are due, and hedges that are sent, are back within two points. */
  readonly backAfter: { readonly due: number; readonly hedges: number };
}

await main<Sizes>({
  name: 'outage',
  description: 'All servers stall and later answer again: what hedging adds to their load meanwhile, and how soon it is back to normal.',
  sizes: {
    streams: { what: 'clients side by side for each policy with a budget', full: 2, quick: 1 },
    rate: { what: 'calls per second of each client', full: 100, quick: 100 },
    before: { what: 'seconds before', full: 40, quick: 12 },
    stall: { what: 'seconds of stall', full: 20, quick: 5 },
    after: { what: 'seconds after', full: 40, quick: 13 },
  },
  run,
});

async function run(context: Context<Sizes>): Promise<Outcome> {
  const { servers, seed, signal, sizes } = context;
  const { rate: callsPerSecond, before, stall, after } = sizes;
  const policies = POLICIES.map((policy) => ({
    ...policy,
    streams: streamsOf(policy.name, policy.options, policy.ratio === undefined ? 1 : sizes.streams),
  }));
  const seconds = before + stall + after;
  using bar = context.progress('outage', seconds);
  const streams = policies.flatMap((policy) => policy.streams);
  await openLoop(streams, {
    servers, seed, callsPerSecond, seconds, signal,
    incidents: [{ second: before, happen: () => servers.tell({ name: 'freeze', ms: stall * 1_000 }) }],
    onSecond: bar.tick,
  });
  const found = policies.map((policy) => judge(policy, sizes));
  return {
    table: tableOf(found, {
      policy: ({ name }) => name,
      'calls in the stall': ({ callsInStall }) => formatCount(callsInStall),
      'hedges sent in it': ({ hedgesInStall }) => formatCount(hedgesInStall),
      'of the calls': ({ hedgesInStall, callsInStall }) => formatShare(hedgesInStall / callsInStall),
      'due but not sent': ({ refusedInStall }) => formatCount(refusedInStall),
      'hedges due normal again': ({ options, backAfter: back }) => (options === undefined ? '' : formatSeconds(back.due)),
      'sent normal again': ({ options, backAfter: back }) => (options === undefined ? '' : formatSeconds(back.hedges)),
    }),
    notes: [
      'Normal again: hedges per call are within two points of the rate before the stall, over five seconds, for ten seconds on end; counted from its end.',
      'Requests of the stall are answered at its end, all at once.',
    ],
    checks: [...found.flatMap((policy) => checksOf(policy)), failures(streams)],
    plots: [{ file: 'outage', alt: 'Extra requests and p99 over time while all servers stall', svg: plot(found, sizes) }],
    records: found.flatMap(({ name, streams: own }) => secondRecords(name, own)),
    details: { summary: found.map(summaryOf) },
  };
}

function judge(policy: Policy & Pick<Found, 'streams'>, { before, stall, after }: Context<Sizes>['sizes']): Found {
  const total = sumSeconds(policy.streams);
  const inStall = total.slice(before, before + stall);
  const sum = (kind: 'calls' | 'hedges' | 'due'): number => inStall.reduce((all, second) => all + second[kind], 0);
  const back = (kind: 'due' | 'hedges'): number =>
    backAfter(total, kind, {
      from: before + stall,
      end: before + stall + after,
      steady: rate(total, kind, Math.floor(before / 2), before),
      within: WITHIN,
    });
  return {
    ...policy,
    total,
    callsInStall: sum('calls'),
    hedgesInStall: sum('hedges'),
    refusedInStall: sum('due') - sum('hedges'),
    savedUp: total[before - 1]?.budgetLimit ?? NaN,
    steady: rate(total, 'hedges', Math.floor(before / 2), before),
    backAfter: { due: back('due'), hedges: back('hedges') },
  };
}

function summaryOf(found: Found): Record<string, unknown> {
  const { name, callsInStall, hedgesInStall, refusedInStall, savedUp, steady, backAfter: back } = found;
  return { name, callsInStall, hedgesInStall, refusedInStall, savedUp, steady, backAfter: back };
}

function checksOf({ name, ratio, streams, callsInStall, hedgesInStall, savedUp, backAfter: back }: Found): Check[] {
  if (ratio === undefined) return [];
  const bound = MOST_EXTRA * callsInStall + savedUp;
  return [
    atMost(`${name}: hedges sent in the stall; the bound is 2 % of the calls and what the budgets may have saved up`, hedgesInStall, bound, (value) => formatCount(Math.round(value))),
    atMost(`${name}: hedges due are back to normal after`, back.due, MOST_SECONDS, formatSeconds),
    atMost(`${name}: hedges sent are back to normal after`, back.hedges, MOST_SECONDS, formatSeconds),
    withinBudget(name, streams, ratio),
  ];
}

function plot(found: readonly Found[], { before, stall, after }: Context<Sizes>['sizes']): string {
  const hedged = found.filter(({ options }) => options !== undefined);
  return drawSeries(
    [
      {
        title: 'Extra requests per hundred calls',
        yName: '%',
        series: hedged.map(({ name, color, total }) => ({ name, color, points: percentBySecond(total, 'hedges', 0) })),
      },
      {
        title: 'p99 of the calls begun in each second, in milliseconds',
        yName: 'ms',
        logarithmic: true,
        series: found.map(({ name, color, streams }) => ({ name, color, points: latencyBySecond(streams, 0.99, 0) })),
      },
    ],
    { name: 'stall', from: before, to: before + stall },
    before + stall + after,
  );
}
