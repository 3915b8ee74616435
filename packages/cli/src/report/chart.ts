import { LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { formatMs } from '../demo/format.js';
import type { Comparison } from '../demo/measure.js';
import type { Sorted } from '../demo/percentiles.js';

/** The plot is drawn for each: merely shrunk, its type would be too small on a phone. */
const SIZES = {
  wide: { width: 520, height: 380 },
  narrow: { width: 330, height: 300 },
} as const;

/** How many points draw a line; a line over thousands of requests looks the same with two hundred. */
const POINTS = 200;

const TEXT = { color: 'var(--soft)', fontSize: 14, fontFamily: 'inherit' };

/**
 * The tail of a client's latencies without and with hedging as an SVG: how many requests took longer than so many
 * milliseconds. Colours are CSS variables, so that the page decides between light and dark.
 */
export function tailChart(comparison: Comparison, size: keyof typeof SIZES): string {
  const { plain, hedged } = comparison;
  const floor = 1 / Math.min(plain.latencies.length, hedged.latencies.length);
  use([LineChart, ScatterChart, GridComponent, SVGRenderer]);
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZES[size] });
  chart.setOption({
    animation: false,
    grid: { left: 88, right: 16, top: 14, bottom: 56 },
    xAxis: {
      type: 'value',
      ...axis(comparison, size === 'wide' ? 6 : 3),
      name: 'longer than (ms)',
      nameLocation: 'middle',
      nameGap: 34,
      nameTextStyle: TEXT,
      axisLabel: TEXT,
      axisLine: { lineStyle: { color: 'var(--line)' } },
      axisTick: { lineStyle: { color: 'var(--line)' } },
      splitLine: { show: false },
    },
    yAxis: {
      type: 'log',
      min: 10 ** Math.floor(Math.log10(floor) + 0.5),
      max: 1,
      axisLabel: { ...TEXT, formatter: oneIn },
      axisLine: { show: false },
      axisTick: { show: false },
      minorTick: { show: false },
      splitLine: { lineStyle: { color: 'var(--line)' } },
    },
    series: [
      line(plain.latencies, 'var(--plain)', [7, 4]),
      line(hedged.latencies, 'var(--hedged)', undefined),
      mark(comparison.beforeMs, 'var(--plain)', -13),
      mark(comparison.afterMs, 'var(--hedged)', 13),
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** Steps of 1, 2 or 5 × 10ⁿ, and room for the value beside the dot at p99. */
function axis({ plain, hedged, beforeMs }: Comparison, steps: number): { interval: number; max: number } {
  const longest = Math.max(plain.latencies.at(-1) ?? 0, hedged.latencies.at(-1) ?? 0, 1.6 * beforeMs);
  const magnitude = 10 ** Math.floor(Math.log10(longest / steps));
  const interval = magnitude * ([1, 2, 5].find((step) => step * magnitude * steps >= longest) ?? 10);
  return { interval, max: Math.ceil(longest / interval) * interval };
}

function line(latencies: Sorted, color: string, type: number[] | undefined): object {
  return {
    type: 'line',
    showSymbol: false,
    silent: true,
    lineStyle: { color, width: 3, ...(type && { type }) },
    data: tail(latencies),
  };
}

/**
 * A dot at p99, with its value to the right.
 *
 * @param below - pixels by which the value stands lower than the dot; the two values differ in it, or they would overlap.
 */
function mark(ms: number, color: string, below: number): object {
  return {
    type: 'scatter',
    silent: true,
    symbolSize: 11,
    itemStyle: { color, opacity: 1, borderColor: 'var(--card)', borderWidth: 2 },
    label: {
      show: true,
      position: 'right',
      offset: [0, below],
      textBorderColor: 'var(--card)',
      textBorderWidth: 4,
      formatter: `p99 ${formatMs(ms)}`,
      ...TEXT,
      color: 'var(--ink)',
      fontWeight: 600,
    },
    data: [[ms, 0.01]],
  };
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
