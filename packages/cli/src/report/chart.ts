import { LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { formatMs } from '../demo/format.js';
import type { Comparison } from '../demo/measure.js';
import type { Sorted } from '../demo/percentiles.js';

const SIZE = { width: 520, height: 380 };

/** How many points draw a line; a line over thousands of requests looks the same with two hundred. */
const POINTS = 200;

/** Type large enough to be read on a phone, where the plot shrinks. */
const TEXT = { color: 'var(--soft)', fontSize: 15, fontFamily: 'inherit' };

/**
 * The tail of a client's latencies without and with hedging as an SVG: how many requests took longer than so many
 * milliseconds. Colours are CSS variables, so that the page decides between light and dark.
 */
export function tailChart(comparison: Comparison): string {
  const { plain, hedged } = comparison;
  const floor = 1 / Math.min(plain.latencies.length, hedged.latencies.length);
  use([LineChart, ScatterChart, GridComponent, SVGRenderer]);
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZE });
  chart.setOption({
    animation: false,
    grid: { left: 92, right: 18, top: 14, bottom: 56 },
    xAxis: {
      type: 'value',
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
      mark(comparison.beforeMs, 'var(--plain)'),
      mark(comparison.afterMs, 'var(--hedged)'),
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
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

/** A dot at p99, with its value. */
function mark(ms: number, color: string): object {
  return {
    type: 'scatter',
    silent: true,
    symbolSize: 11,
    itemStyle: { color, opacity: 1, borderColor: 'var(--card)', borderWidth: 2 },
    label: {
      show: true,
      position: 'right',
      offset: [0, -13],
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
function tail(latencies: Sorted): [number, number][] {
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

function oneIn(share: number): string {
  return share >= 1 ? 'all' : `1 in ${Math.round(1 / share).toLocaleString('en-US')}`;
}
