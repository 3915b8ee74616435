import { runningWith, type PlannedHedge, type SurvivalCurve } from '@hedgerow/core/policy';
import { POINTS, tailChart, type Tail } from '../report/chart.js';
import { drawSvg, GRID, line, TEXT, ticks, xAxis, yAxis, type Size } from '../report/svg.js';
import { p99Of, type Advice } from './advice.js';
import { formatMs } from './format.js';
import type { Order } from './order.js';
import { correlated, goalPolicy, quantilePolicy, quantileWith, type Policy } from './predict.js';

/** Extra load of the right end of a plot, and how many points lie before it. */
const MOST_LOAD = 0.15;
const LOAD_STEPS = 30;
/** The probability of a shared fate that plots show beside none. */
export const SHOWN_CORRELATION = 0.5;

/** The tail without hedging, with the default options, and with them if half of the copies share their primary's fate. */
export function tailPlot({ byDefault, curve, unhedged }: Advice, size: Size): string {
  const tails: Tail[] = [
    { points: tailOf([], curve), color: 'var(--plain)', dash: 'dashed', p99Ms: p99Of(unhedged), labelBelow: -13 },
  ];
  if (byDefault !== undefined) {
    tails.push(
      { points: tailOf(correlated(byDefault.hedges, SHOWN_CORRELATION), curve), color: 'var(--soft)', dash: 'dotted' },
      { points: tailOf(byDefault.hedges, curve), color: 'var(--hedged)', p99Ms: p99Of(byDefault), labelBelow: 13 },
    );
  }
  return tailChart(tails, size);
}

function tailOf(hedges: readonly PlannedHedge[], curve: SurvivalCurve): [number, number][] {
  const endMs = curve.identifiedUpToMs;
  const lastShare = runningWith([], curve, endMs * 0.999);
  const points: [number, number][] = [];
  for (let step = 0; step <= POINTS; step++) {
    const ms = curve.quantile(1 - lastShare ** (step / POINTS));
    if (ms === undefined || ms > endMs) continue;
    const running = runningWith(hedges, curve, ms);
    if (running < lastShare / 2) break;
    points.push([Number(ms.toPrecision(5)), Number(running.toPrecision(4))]);
  }
  return points;
}

/** p99 by the extra load that it costs: the quantile rule, goal seeking, and the former if copies share a fate. */
export function loadPlot({ curve, unhedged }: Advice, size: Size): string {
  const loads = Array.from({ length: LOAD_STEPS }, (_, index) => (MOST_LOAD * (index + 1)) / LOAD_STEPS);
  const before = p99Of(unhedged);
  const points = (policyOf: (load: number) => Policy | undefined, correlation: number): [number, number][] => {
    const first: [number, number][] = before === undefined ? [] : [[0, before]];
    return [
      ...first,
      ...loads.flatMap((load): [number, number][] => {
        const hedges = policyOf(load)?.hedges;
        const ms = hedges && quantileWith(correlated(hedges, correlation), curve, 0.99);
        return ms === undefined ? [] : [[load * 100, Number(ms.toPrecision(5))]];
      }),
    ];
  };
  const goal = points((load) => goalPolicy(curve, load), 0);
  const quantile = points((load) => quantilePolicy(curve, load), 0);
  const shared = points((load) => quantilePolicy(curve, load), SHOWN_CORRELATION);
  const longest = Math.max(...[...goal, ...quantile, ...shared].map(([, ms]) => ms));
  return drawSvg(
    {
      grid: { ...GRID, left: 64 },
      xAxis: xAxis('extra load (%)', { min: 0, max: MOST_LOAD * 100, interval: 5 }),
      yAxis: msAxis(longest),
      series: [line(shared, 'var(--soft)', 'dotted'), line(quantile, 'var(--hedged)'), line(goal, 'var(--plain)', 'dashed')],
    },
    size,
  );
}

/** Quantiles from the beginning of the input to its end. */
export function orderPlot({ stretches }: Order, size: Size): string {
  const points = (msOf: (stretch: Order['stretches'][number]) => number | undefined): [number, number][] =>
    stretches.flatMap((stretch): [number, number][] => {
      const ms = msOf(stretch);
      return ms === undefined ? [] : [[Number((stretch.end * 100).toFixed(2)), Number(ms.toPrecision(4))]];
    });
  const [p50, p90, p99] = [points(({ p50Ms }) => p50Ms), points(({ p90Ms }) => p90Ms), points(({ p99Ms }) => p99Ms)];
  return drawSvg(
    {
      grid: { ...GRID, left: 64 },
      xAxis: xAxis('position in the input (%)', { min: 0, max: 100, interval: 25 }),
      yAxis: msAxis(Math.max(...[...p90, ...p99].map(([, ms]) => ms))),
      series: [line(p99, 'var(--plain)', 'dashed'), line(p90, 'var(--soft)', 'dotted'), line(p50, 'var(--hedged)')],
    },
    size,
  );
}

function msAxis(longest: number): object {
  const name = { name: 'ms', nameTextStyle: TEXT, nameGap: 12 };
  return yAxis({ ...ticks(longest, 5), min: 0, ...name, axisLabel: { ...TEXT, formatter: (ms: number) => formatMs(ms) } });
}
