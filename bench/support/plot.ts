import { BarChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkAreaComponent, TitleComponent } from 'echarts/components';
import { init, use, type EChartsCoreOption } from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { SVGRenderer } from 'echarts/renderers';

export const INK = '#1d2420';
const SOFT = '#5b655f';
const LINE = '#e2e4de';
export const TEXT = { color: SOFT, fontSize: 14 } as const;

/** Okabe and Ito's colours, which the colour-blind can tell apart: hedgerow's own first, then others, then without hedging. */
export const COLORS = {
  hedged: '#007a53',
  goal: '#0072b2',
  second: '#cc79a7',
  other: '#e69f00',
  faint: '#56b4e9',
  plain: '#c0562b',
} as const;

/** Draws a chart on white, so that it can be read on dark pages too. */
export function draw(option: EChartsCoreOption, height: number, width = 860): string {
  use([
    BarChart, LineChart, ScatterChart, GridComponent, LegendComponent, MarkAreaComponent, TitleComponent, LabelLayout, SVGRenderer,
  ]);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: 'system-ui, -apple-system, Segoe UI, Roboto, sans-serif' },
    ...option,
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** The title of a plot. */
export function title(text: string, top = 10): object {
  return { text, left: 16, top, textStyle: { color: INK, fontSize: 17, fontWeight: 600 } };
}

/** Which line is which. */
export function legend(top = 42): object {
  return { left: 16, top, icon: 'rect', itemWidth: 26, itemHeight: 4, itemGap: 30, textStyle: { ...TEXT, color: INK } };
}

/** An axis with its name in the middle. */
export function axis(name: string, gap: number, rest: object = {}): object {
  return {
    type: 'value',
    name,
    nameLocation: 'middle',
    nameGap: gap,
    nameTextStyle: TEXT,
    axisLabel: TEXT,
    axisLine: { show: true, lineStyle: { color: LINE } },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: LINE } },
    minorTick: { show: false },
    ...rest,
  };
}

/** A line through points. */
export function line(name: string, color: string, data: readonly (readonly [number, number])[], rest: object = {}): object {
  return { type: 'line', name, color, symbol: 'none', silent: true, lineStyle: { color, width: 2.5 }, data, ...rest };
}
