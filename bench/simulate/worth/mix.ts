import type { HedgerOptions } from '@hedgerow/core';
import { exponentialTime, lognormalTime, type FinishedCall, type Route, type SimulationResult } from 'hedgerow';
import { formatMs, formatShare } from '#cli/demo/format.js';
import { quantile, sorted } from '#cli/demo/percentiles.js';
import type { Setting } from '../../support/benchmark.js';
import { atLeast, atMost, type Check, type Table } from '../../support/outcome.js';
import { tableOf, type Columns } from '../../support/table.js';
import { run } from '../run.js';
import { Theory, type Point } from './frontier.js';

export type Sizes = 'calls' | 'warmup' | 'rate';

const slow = exponentialTime(50);
/** One origin: most calls have no tail, some a common one, a few are slow and vary much. */
const ROUTES: readonly Route[] = [
  { path: '/narrow', share: 0.7, service: lognormalTime({ sdMs: 0.5, stragglers: 0 }) },
  { path: '/reference', share: 0.2, service: lognormalTime() },
  { path: '/slow', share: 0.1, service: { meanMs: 1.4 * slow.meanMs, draw: (random) => slow.draw(random) * (random() < 0.1 ? 5 : 1) } },
];

const POLICIES: readonly (readonly [string, HedgerOptions | false])[] = [
  ['none', false],
  ['whatever is late', { worth: 0 }],
  ['worth it, nothing shared', { delay: { quantile: 0.91 } }],
  ['default', {}],
];

/** What the default plans to send at most, of requests and of work, and what chance adds. */
const MOST_LOAD = 0.093;
const MOST_WORK = 0.15;
const P99_WITHIN = 1.02;
/** Of the most that theory allows for the same work; seeds differ by a few per cent. */
const OF_THE_BEST = 0.9;

/** What one policy came to. */
interface Mixed extends Point {
  readonly policy: string;
  readonly seed: number;
  readonly meanMs: number;
  readonly p99Ms: readonly number[];
  readonly result: SimulationResult;
}

/** The routes that share a budget, with every policy, and what theory says. */
export interface Mix {
  readonly rows: readonly Mixed[];
  readonly theory: Theory;
}

/** Two seeds. */
export async function measureMix(setting: Setting<Sizes>): Promise<Mix> {
  const rows: Mixed[] = [];
  for (const seed of [setting.seed, setting.seed + 1]) {
    let plainMs: number | undefined;
    for (const [policy, hedge] of POLICIES) {
      const mixed = await simulated(policy, hedge, seed, setting, plainMs);
      plainMs ??= mixed.meanMs;
      rows.push(mixed);
    }
  }
  return { rows, theory: new Theory(ROUTES, setting.seed) };
}

async function simulated(policy: string, hedge: HedgerOptions | false, seed: number, setting: Setting<Sizes>, plainMs: number | undefined): Promise<Mixed> {
  const { calls, warmup, rate } = setting.sizes;
  const byRoute: number[][] = ROUTES.map(() => []);
  let totalMs = 0;
  const note = ({ isMeasured, route, durationMs }: FinishedCall): void => {
    if (!isMeasured) return;
    totalMs += durationMs;
    byRoute[route]?.push(durationMs);
  };
  // A minute of it fills the window.
  const scenario = { seed, calls, warmupCalls: warmup + 60 * rate, routes: ROUTES, arrivals: { kind: 'poisson', perSecond: rate }, hedge } as const;
  const result = await run(`three routes, ${policy}, seed ${seed}`, scenario, setting, note);
  const p99Ms = byRoute.map((latencies) => quantile(sorted(Float64Array.from(latencies)), 0.99));
  const meanMs = totalMs / calls;
  return { policy, seed, meanMs, p99Ms, load: result.extraLoad, work: result.extraWork, savedMs: (plainMs ?? meanMs) - meanMs, result };
}

const COLUMNS: Columns<Mixed> = {
  'three routes, one budget': ({ policy, seed }) => `${policy}, seed ${seed}`,
  load: ({ load }) => formatShare(load),
  'more work, if aborted work runs on': ({ work }) => formatShare(work),
  'saved per call': ({ savedMs }) => savedMs.toFixed(2),
  ...Object.fromEntries(ROUTES.map(({ path }, route) => [`p99 of ${path.slice(1)}`, ({ p99Ms }: Mixed) => formatMs(p99Ms[route] ?? NaN)])),
};

export function mixTable({ rows }: Mix): Table {
  return tableOf(rows, COLUMNS);
}

const FRONTIER: Columns<readonly [string, readonly number[], Point]> = {
  'by theory': ([what]) => what,
  'hedged: reference': ([, hedges]) => formatShare(hedges[1] ?? 0),
  'hedged: slow': ([, hedges]) => formatShare(hedges[2] ?? 0),
  load: ([, , { load }]) => formatShare(load),
  'more work': ([, , { work }]) => formatShare(work),
  'saved per call': ([, , { savedMs }]) => savedMs.toFixed(2),
};

/** The best that load and work allow. */
export function frontierTable({ theory }: Mix): Table {
  const best = (what: string, mostWork: number, leastLoad = 0): readonly [string, readonly number[], Point] => {
    const { hedges, point } = theory.best(mostWork, 0.0905, leastLoad);
    return [what, hedges, point];
  };
  const common = [0, 0.3, 0.3];
  return tableOf(
    [
      ...[0.09, 0.12, 0.15, 0.18, 0.21].map((work) => best(`most saved, work at most ${formatShare(work)}`, work)),
      best('most saved, load 9 %, work at most 15 %', 0.1505, 0.0895),
      ['one quantile for both, 0.70', common, theory.of(common)] as const,
    ],
    FRONTIER,
  );
}

export function mixChecks({ rows, theory }: Mix): Check[] {
  return rows.flatMap((row) => {
    const today = rows.find(({ policy, seed }) => policy === 'whatever is late' && seed === row.seed);
    if (row.policy !== 'default' || today === undefined) return [];
    const name = `three routes, seed ${row.seed}`;
    return [
      atMost(`${name}: extra load`, row.load, MOST_LOAD, formatShare),
      atMost(`${name}: more work, if aborted work runs on`, row.work, MOST_WORK, formatShare),
      atLeast(`${name}: saved per call`, row.savedMs, OF_THE_BEST * theory.best(row.work, 1).point.savedMs, (ms) => ms.toFixed(2)),
      ...ROUTES.map(({ path }, route) => atMost(`${name}: p99 of ${path.slice(1)}`, row.p99Ms[route] ?? NaN, P99_WITHIN * (today.p99Ms[route] ?? NaN), formatMs)),
    ];
  });
}
