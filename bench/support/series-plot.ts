import { axis, COLORS, draw, legend, line, title } from './plot.js';

export interface Series {
  readonly name: string;
  readonly color: string;
  readonly dashed?: boolean;
  readonly points: readonly (readonly [number, number])[];
}

export interface Panel {
  readonly title: string;
  readonly yName: string;
  readonly series: readonly Series[];
  /** Values between which a line should be, shaded. */
  readonly band?: readonly [number, number] | undefined;
  readonly logarithmic?: boolean;
}

const PANEL = 300;

/** When something was wrong, in seconds. */
export interface IncidentSpan {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Curves over the seconds of a run, one panel below the other. */
export function drawSeries(panels: readonly Panel[], incident: IncidentSpan, seconds: number): string {
  return draw(
    {
      title: panels.map((panel, index) => title(panel.title, 10 + index * PANEL)),
      legend: panels.map((panel, index) => ({ ...legend(40 + index * PANEL), data: panel.series.map(({ name }) => name) })),
      grid: panels.map((_, index) => ({ left: 76, right: 28, top: 78 + index * PANEL, height: PANEL - 140 })),
      xAxis: panels.map((_, gridIndex) => axis('seconds', 28, { gridIndex, max: seconds })),
      yAxis: panels.map(({ yName, logarithmic }, gridIndex) =>
        axis(yName, 46, { gridIndex, ...(logarithmic ? { type: 'log' } : { min: 0 }) }),
      ),
      series: panels.flatMap((panel, index) =>
        panel.series.map(({ name, color, dashed, points }, place) =>
          line(name, color, points, {
            xAxisIndex: index,
            yAxisIndex: index,
            lineStyle: { color, width: 2, ...(dashed && { type: [6, 4] }) },
            ...(place === 0 && { markArea: areas(panel, incident) }),
          }),
        ),
      ),
    },
    PANEL * panels.length,
  );
}

function areas({ band }: Panel, { name, from, to }: IncidentSpan): object {
  const label = { show: true, position: 'insideTop', color: '#5b655f', fontSize: 13 };
  const wrong = [{ name, xAxis: from, itemStyle: { color: COLORS.plain, opacity: 0.09 }, label }, { xAxis: to }];
  const right = band && [{ yAxis: band[0], itemStyle: { color: COLORS.hedged, opacity: 0.16 }, label: { show: false } }, { yAxis: band[1] }];
  return { silent: true, data: right ? [wrong, right] : [wrong] };
}
