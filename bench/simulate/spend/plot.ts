import type { Plot } from '../../support/outcome.js';
import { axis, COLORS, draw, legend, line, title } from '../../support/plot.js';
import type { Row } from './main.js';

/** Hedges per 100 calls, by how late timers fire. */
export function spentPlot(rows: readonly Row[]): Plot {
  const curve = (of: (row: Row) => number): [number, number][] => rows.map((row) => [row.lateMs, 100 * of(row)]);
  const svg = draw(
    {
      title: title('Hedges per 100 calls, by how late timers fire'),
      legend: legend(),
      grid: { left: 76, right: 28, top: 84, bottom: 58 },
      xAxis: axis('milliseconds that a timer is late, on average', 34),
      yAxis: axis('', 0, { min: 0 }),
      series: [
        line('planned', COLORS.other, curve(({ planned }) => planned)),
        line('sent', COLORS.hedged, curve(({ sent }) => sent)),
        line('sent, were the delay taken as it is', COLORS.plain, curve(({ unaimed }) => unaimed)),
      ],
    },
    400,
  );
  return { file: 'spend', alt: 'Hedges sent per 100 calls by how late timers fire: as planned, and were the delay taken as it is', svg };
}
