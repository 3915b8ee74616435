import { axis, COLORS, draw, legend, line, title } from '../../support/plot.js';

/** How one world fares as clients become more. */
export interface Line {
  readonly name: string;
  readonly plainMs: number;
  readonly points: readonly { readonly clients: number; readonly p99Ms: number; readonly extraLoad: number }[];
}

const HEIGHT = 380;
const GRID = { left: 76, right: 28, top: 88, bottom: 62 };
/** The name of a world is wider than it is thought to be. */
const LEGEND = { ...legend(), itemGap: 48 };
const OWN = [COLORS.hedged, COLORS.other, COLORS.goal];

export function p99Plot(lines: readonly Line[]): string {
  const [first] = lines;
  const plain = first === undefined ? [] : first.points.map(({ clients }) => [clients, first.plainMs] as const);
  return draw(
    {
      title: title('p99 with the same traffic from more clients, ms'),
      legend: LEGEND,
      grid: GRID,
      xAxis: clientsAxis(),
      yAxis: axis('', 0, { min: 0 }),
      series: [
        ...lines.map(({ name, points }, index) => dots(name, index, points.map(({ clients, p99Ms }) => [clients, rounded(p99Ms)]))),
        line('no hedging', COLORS.plain, plain.map(([clients, ms]) => [clients, rounded(ms)]), { lineStyle: { color: COLORS.plain, width: 2.5, type: [7, 4] } }),
      ],
    },
    HEIGHT,
  );
}

export function loadPlot(lines: readonly Line[], budget: number): string {
  const clients = lines[0]?.points.map((point) => point.clients) ?? [];
  return draw(
    {
      title: title('Extra load with the same traffic from more clients, %'),
      legend: LEGEND,
      grid: GRID,
      xAxis: clientsAxis(),
      yAxis: axis('', 0, { min: 0 }),
      series: [
        ...lines.map(({ name, points }, index) => dots(name, index, points.map((point) => [point.clients, rounded(100 * point.extraLoad)]))),
        line('budget', COLORS.plain, clients.map((count) => [count, 100 * budget]), { lineStyle: { color: COLORS.plain, width: 2.5, type: [7, 4] } }),
      ],
    },
    HEIGHT,
  );
}

function clientsAxis(): object {
  return axis('clients', 34, { type: 'log', splitLine: { show: false } });
}

function dots(name: string, index: number, data: readonly (readonly [number, number])[]): object {
  return line(name, OWN[index % OWN.length] ?? COLORS.second, data, { symbol: 'circle', symbolSize: 9 });
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
