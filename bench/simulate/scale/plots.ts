import { axis, COLORS, draw, legend, line, title } from '../../support/plot.js';
import type { Row } from './worlds.js';

const HEIGHT = 400;
const GRID = { left: 76, right: 28, top: 112, bottom: 62 };
/** The name of a world is wider than it is thought to be. */
const LEGEND = { ...legend(), itemGap: 48 };
const OWN = [COLORS.hedged, COLORS.other, COLORS.goal, COLORS.second, COLORS.faint, COLORS.plain];
const LIMIT = { lineStyle: { color: COLORS.plain, width: 2.5, type: [7, 4] } };

export function p99Plot(rows: readonly Row[]): string {
  return plot('p99 against not hedging, the same traffic from more clients', rows, ({ ratioP99 }) => ratioP99, 'no hedging', 1);
}

export function loadPlot(rows: readonly Row[], budget: number): string {
  return plot('Extra load with the same traffic from more clients, %', rows, ({ extraLoad }) => 100 * extraLoad, 'budget', 100 * budget);
}

/** One line per world, and one that they are held against. */
function plot(name: string, rows: readonly Row[], of: (row: Row) => number, limit: string, limitAt: number): string {
  const worlds = [...new Set(rows.map(({ world }) => world))];
  const clients = worlds[0]?.clients ?? [];
  return draw(
    {
      title: title(name),
      legend: LEGEND,
      grid: GRID,
      xAxis: axis('clients', 34, { type: 'log', splitLine: { show: false } }),
      yAxis: axis('', 0, { min: 0 }),
      series: [
        ...worlds.map((world, index) => dots(world.name.replace(/^\d+ servers, /, ''), index, rows.filter((row) => row.world === world).map((row) => [row.clients, rounded(of(row))]))),
        line(limit, COLORS.plain, clients.map((count) => [count, limitAt]), LIMIT),
      ],
    },
    HEIGHT,
  );
}

function dots(name: string, index: number, data: readonly (readonly [number, number])[]): object {
  return line(name, OWN[index % OWN.length] ?? COLORS.second, data, { symbol: 'circle', symbolSize: 9 });
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
