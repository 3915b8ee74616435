import { LineChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { Second } from './tally.js';

const SIZES = {
  wide: { width: 720, height: 360 },
  narrow: { width: 330, height: 330 },
} as const;

/** A longer run is drawn in steps of several seconds. */
const MOST_POINTS = 240;

const TEXT = { color: 'var(--soft)', fontSize: 14, fontFamily: 'inherit' };

/** The p99 and the hedge rate of a run over time as an SVG, one above the other. Colours are the page's. */
export function timeChart(seconds: readonly Second[], size: keyof typeof SIZES): string {
  const step = Math.ceil(seconds.length / MOST_POINTS);
  const points = pooled(seconds, step);
  use([LineChart, GridComponent, SVGRenderer]);
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZES[size] });
  const common = { type: 'value', axisLabel: TEXT, axisTick: { show: false }, minorTick: { show: false } } as const;
  const rule = { lineStyle: { color: 'var(--line)' } };
  const y = (gridIndex: number, name: string) => ({
    ...common, gridIndex, name, nameTextStyle: { ...TEXT, align: 'left' }, axisLine: { show: false }, splitLine: rule, splitNumber: 3,
  });
  const x = (gridIndex: number, show: boolean) => ({
    ...common, gridIndex, max: seconds.length, axisLine: rule, splitLine: { show: false },
    axisLabel: { ...TEXT, show },
    ...(show && { name: 'seconds', nameLocation: 'middle', nameGap: 30, nameTextStyle: TEXT }),
  });
  chart.setOption({
    animation: false,
    grid: [
      { left: 64, right: 16, top: 34, height: '30%' },
      { left: 64, right: 16, bottom: 50, height: '26%' },
    ],
    xAxis: [x(0, false), x(1, true)],
    yAxis: [{ ...y(0, 'p99, ms'), type: 'log' }, y(1, 'copies per 100 calls')],
    series: [
      line(0, 'var(--plain)', points.map(({ atSecond, p99 }) => [atSecond, p99])),
      line(1, 'var(--hedged)', points.map(({ atSecond, calls, hedges }) => [atSecond, calls === 0 ? undefined : (100 * hedges) / calls])),
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

interface Point {
  readonly atSecond: number;
  readonly calls: number;
  readonly hedges: number;
  /** The worst of its seconds: percentiles cannot be added up. */
  readonly p99: number | undefined;
}

function pooled(seconds: readonly Second[], step: number): Point[] {
  const points: Point[] = [];
  for (let first = 0; first < seconds.length; first += step) {
    const part = seconds.slice(first, first + step);
    const worst = Math.max(...part.map(({ p99 = 0 }) => p99));
    points.push({
      atSecond: first,
      calls: part.reduce((sum, { calls }) => sum + calls, 0),
      hedges: part.reduce((sum, { hedges }) => sum + hedges, 0),
      p99: worst > 0 ? worst : undefined,
    });
  }
  return points;
}

function line(index: number, color: string, data: readonly (readonly [number, number | undefined])[]): object {
  return {
    type: 'line', xAxisIndex: index, yAxisIndex: index, symbol: 'none', silent: true, lineStyle: { color, width: 2 },
    data: data.map(([x, y]) => [x, y === undefined ? '-' : Number(y.toPrecision(4))]),
  };
}
