import { formatMs } from '../demo/format.js';
import type { Sorted } from '../demo/percentiles.js';
import { drawSvg, GRID, line, TEXT, ticks, xAxis, yAxis, type DASHES, type Size } from './svg.js';

/** How many points draw a line; a line over thousands of requests looks the same with two hundred. */
export const POINTS = 200;

/** The tail of some latencies. */
export interface Tail {
  /** Latency in milliseconds, and the share of requests that took longer. */
  readonly points: readonly (readonly [number, number])[];
  readonly color: string;
  readonly dash?: keyof typeof DASHES;
  /** p99 in milliseconds, marked by a dot. */
  readonly p99Ms?: number | undefined;
  /** Pixels by which the value at the dot stands lower than it; values side by side differ in it, or they would overlap. */
  readonly labelBelow?: number;
}

/** Tails as an SVG: how many requests took longer than so many milliseconds. */
export function tailChart(tails: readonly Tail[], size: Size): string {
  const floor = Math.min(...tails.flatMap(({ points }) => points.map(([, share]) => share)).filter((share) => share > 0));
  const longest = Math.max(...tails.flatMap(({ p99Ms = 0, points }) => [points.at(-1)?.[0] ?? 0, 1.6 * p99Ms]));
  return drawSvg(
    {
      grid: GRID,
      xAxis: xAxis('longer than (ms)', ticks(longest, size === 'wide' ? 6 : 3)),
      yAxis: yAxis({ type: 'log', min: 10 ** Math.floor(Math.log10(floor) + 0.5), max: 1, axisLabel: { ...TEXT, formatter: oneIn } }),
      series: [...tails.map(({ points, color, dash }) => line(points, color, dash)), ...tails.flatMap(mark)],
    },
    size,
  );
}

function mark({ color, labelBelow = 0, p99Ms }: Tail): object[] {
  if (p99Ms === undefined) return [];
  return [
    {
      type: 'scatter',
      silent: true,
      symbolSize: 11,
      itemStyle: { color, opacity: 1, borderColor: 'var(--card)', borderWidth: 2 },
      label: {
        show: true,
        position: 'right',
        offset: [0, labelBelow],
        textBorderColor: 'var(--card)',
        textBorderWidth: 4,
        formatter: `p99 ${formatMs(p99Ms)}`,
        ...TEXT,
        color: 'var(--ink)',
        fontWeight: 600,
      },
      data: [[p99Ms, 0.01]],
    },
  ];
}

/** Points (latency, share of requests that took longer), evenly spread over the logarithm of the share. */
export function tail(latencies: Sorted): [number, number][] {
  const count = latencies.length;
  const points: [number, number][] = [];
  let last = -1;
  for (let step = 0; step <= POINTS; step++) {
    const index = Math.min(count - 1, Math.round(count * (1 - count ** (-step / POINTS))));
    if (index === last) continue;
    last = index;
    points.push([Number((latencies[index] ?? NaN).toFixed(2)), Number(((count - index) / count).toPrecision(4))]);
  }
  return points;
}

/** `0.001` → `'1 in 1,000'`. */
export function oneIn(share: number): string {
  return share >= 1 ? 'all' : `1 in ${Math.round(1 / share).toLocaleString('en-US')}`;
}
