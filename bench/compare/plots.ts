import { formatMs, formatShare } from '#cli/demo/format.js';
import { oneIn, tail } from '#cli/report/chart.js';
import type { Plot } from '../support/outcome.js';
import { axis, COLORS, draw, INK, legend, line, TEXT, title } from '../support/plot.js';
import { DEFAULT, GOAL_5, NONE, NONE_AGAIN, TWO_HEDGES } from './policies.js';
import { p99, type Row } from './row.js';

/** The policies whose whole tail is drawn; more lines than these cannot be told apart. */
const TAILS: Readonly<Record<string, string>> = {
  [NONE]: COLORS.plain,
  [DEFAULT]: COLORS.hedged,
  [GOAL_5]: COLORS.goal,
  [TWO_HEDGES]: COLORS.other,
};

/** How many requests took longer than so many milliseconds. */
export function tailPlot(rows: readonly Row[]): Plot {
  const drawn = rows.filter(({ name }) => name in TAILS);
  const svg = draw(
    {
      title: title('Requests that took longer than so many milliseconds'),
      legend: legend(),
      grid: { left: 96, right: 28, top: 84, bottom: 58 },
      xAxis: axis('milliseconds', 34, { max: 120 }),
      yAxis: axis('', 0, { type: 'log', min: 1e-4, max: 1, axisLabel: { ...TEXT, formatter: oneIn } }),
      series: drawn.map(({ name, measured }) => line(name, TAILS[name] ?? COLORS.other, tail(measured.latencies))),
    },
    460,
  );
  return { file: 'compare-tail', alt: 'Latency tails without hedging and with several policies', svg };
}

/** What each policy's p99 is and costs, and the best that theory allows at that cost. */
export function pricePlot(rows: readonly Row[]): Plot {
  // The first category of a vertical axis stands at the bottom.
  const drawn = rows.filter(({ name }) => name !== NONE_AGAIN).reverse();
  const svg = draw(
    {
      title: title('p99 in milliseconds, and what it costs'),
      legend: legend(),
      grid: { left: 270, right: 190, top: 84, bottom: 40 },
      xAxis: axis('', 0),
      yAxis: axis('', 0, { type: 'category', data: drawn.map(({ name }) => name), axisLabel: { ...TEXT, color: INK } }),
      series: [
        {
          type: 'bar',
          name: 'measured',
          silent: true,
          color: COLORS.hedged,
          barWidth: 16,
          label: { show: true, position: 'right', ...TEXT, formatter: ({ dataIndex }: { dataIndex: number }) => priceOf(drawn[dataIndex]) },
          data: drawn.map((row) => ({ value: p99(row), ...(row.name === NONE && { itemStyle: { color: COLORS.plain } }) })),
        },
        {
          type: 'scatter',
          name: 'the best that one hedge per call can do at that price',
          silent: true,
          symbol: 'rect',
          symbolSize: [3, 26],
          color: INK,
          data: drawn.map(({ name, bestMs }) => (name === NONE ? null : [bestMs, name])),
        },
      ],
    },
    110 + 36 * drawn.length,
  );
  return { file: 'compare-p99', alt: 'p99 of every policy, its extra load, and the best that theory allows for it', svg };
}

function priceOf(row: Row | undefined): string {
  if (row === undefined) return '';
  return row.name === NONE ? `${formatMs(p99(row))} ms` : `${formatMs(p99(row))} ms, +${formatShare(row.measured.extraLoad)}`;
}
