import { LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';

/** A plot is drawn for each: merely shrunk, its type would be too small on a phone. */
export const SIZES = {
  wide: { width: 520, height: 380 },
  narrow: { width: 330, height: 300 },
} as const;

export type Size = keyof typeof SIZES;

/** How text looks. Colours are CSS variables, so that the page decides between light and dark. */
export const TEXT = { color: 'var(--soft)', fontSize: 14, fontFamily: 'inherit' } as const;

/** Room for the labels of both axes. */
export const GRID = { left: 88, right: 16, top: 14, bottom: 56 } as const;

/** Draws a plot as SVG text, without a browser. */
export function drawSvg(option: object, size: Size): string {
  use([LineChart, ScatterChart, GridComponent, SVGRenderer]);
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...SIZES[size] });
  chart.setOption({ animation: false, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** The axis below a plot, with its name. */
export function xAxis(name: string, rest: object): object {
  return {
    type: 'value',
    name,
    nameLocation: 'middle',
    nameGap: 34,
    nameTextStyle: TEXT,
    axisLabel: TEXT,
    axisLine: { lineStyle: { color: 'var(--line)' } },
    axisTick: { lineStyle: { color: 'var(--line)' } },
    splitLine: { show: false },
    ...rest,
  };
}

/** The axis to the left of a plot. */
export function yAxis(rest: object): object {
  return {
    type: 'value',
    axisLabel: TEXT,
    axisLine: { show: false },
    axisTick: { show: false },
    minorTick: { show: false },
    splitLine: { lineStyle: { color: 'var(--line)' } },
    ...rest,
  };
}

/** How lines are told apart without colours. */
export const DASHES = { solid: undefined, dashed: [7, 4], dotted: [2, 4] } as const;

export function line(data: readonly (readonly [number, number])[], color: string, dash: keyof typeof DASHES = 'solid'): object {
  const type = DASHES[dash];
  return { type: 'line', showSymbol: false, silent: true, lineStyle: { color, width: 3, ...(type && { type }) }, data };
}

/** Steps of 1, 2 or 5 × 10ⁿ up to at least `longest`. */
export function ticks(longest: number, steps: number): { interval: number; max: number } {
  const magnitude = 10 ** Math.floor(Math.log10(longest / steps));
  const interval = magnitude * ([1, 2, 5].find((step) => step * magnitude * steps >= longest) ?? 10);
  return { interval, max: Math.ceil(longest / interval) * interval };
}
