import { formatShare } from '#cli/demo/format.js';
import type { Plot } from '../../support/outcome.js';
import { axis, COLORS, draw, INK, legend, TEXT, title } from '../../support/plot.js';
import type { Row } from './main.js';

/** What is sent by default, and if all that is late is hedged. */
export function loadPlot(rows: readonly Row[]): Plot {
  // The first category of a vertical axis stands at the bottom.
  const drawn = [...rows].reverse();
  const bars = (name: string, color: string, loadOf: (row: Row) => number): object => ({
    type: 'bar',
    name,
    silent: true,
    color,
    barWidth: 9,
    label: { show: true, position: 'right', ...TEXT, fontSize: 12, formatter: ({ value }: { value: number }) => formatShare(value / 100) },
    data: drawn.map((row) => 100 * loadOf(row)),
  });
  const svg = draw(
    {
      title: title('Hedges per 100 calls, by what latencies are like'),
      legend: legend(),
      grid: { left: 230, right: 80, top: 84, bottom: 40 },
      xAxis: axis('', 0),
      yAxis: axis('', 0, { type: 'category', data: drawn.map(({ service }) => service.name), axisLabel: { ...TEXT, color: INK } }),
      series: [
        bars('whatever is late', COLORS.other, ({ insistent }) => insistent.extraLoad),
        bars('by default', COLORS.hedged, ({ byDefault }) => byDefault.extraLoad),
      ],
    },
    120 + 34 * drawn.length,
  );
  return { file: 'worth', alt: 'Extra load by default, and if all that is late is hedged, for thirteen distributions of latency', svg };
}
