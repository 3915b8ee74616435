import { formatMs } from '#cli/demo/format.js';
import { quantile } from '#cli/demo/percentiles.js';
import type { Measured } from '../support/measure.js';
import type { Plot } from '../support/outcome.js';
import { axis, COLORS, draw, INK, legend, TEXT, title } from '../support/plot.js';
import type { Pair } from './pair.js';

/** p99 of every client without and with hedging. */
export function clientsPlot(pairs: readonly Pair[]): Plot {
  const bars = (name: string, color: string, of: (pair: Pair) => Measured): object => ({
    type: 'bar',
    name,
    silent: true,
    color,
    barWidth: 16,
    barGap: '20%',
    label: { show: true, position: 'right', ...TEXT, formatter: ({ value }: { value: number }) => `${formatMs(value)} ms` },
    data: pairs.map((pair) => quantile(of(pair).latencies, 0.99)),
  });
  const svg = draw(
    {
      title: title('p99 in milliseconds, by client'),
      legend: legend(),
      grid: { left: 90, right: 90, top: 84, bottom: 40 },
      xAxis: axis('', 0),
      yAxis: axis('', 0, { type: 'category', inverse: true, data: pairs.map(({ name }) => name), axisLabel: { ...TEXT, color: INK } }),
      series: [bars('no hedging', COLORS.plain, ({ plain }) => plain), bars('hedged by default', COLORS.hedged, ({ hedged }) => hedged)],
    },
    120 + 62 * pairs.length,
  );
  return { file: 'clients-p99', alt: 'p99 of every client without and with hedging', svg };
}
