import type { Plot } from '../../support/outcome.js';
import { axis, COLORS, draw, INK, legend, line, TEXT, title } from '../../support/plot.js';
import type { Mix } from './mix.js';

const WORKS = Array.from({ length: 15 }, (_, step) => 0.08 + 0.01 * step);
const ALL_LOAD = 0.0895;

/** What is saved for how much work: the best that theory allows, and what policies come to. */
export function frontierPlot({ rows, theory }: Mix): Plot {
  const best = (leastLoad: number): (readonly [number, number])[] =>
    WORKS.map((work) => theory.best(work, 0.0905, leastLoad).point)
      .filter(({ savedMs }) => savedMs > 0)
      .map(({ work, savedMs }) => [100 * work, savedMs]);
  const common = [0.09, 0.15, 0.2, 0.25, 0.3].map((share) => theory.of([0, share, share]));
  const measured = rows
    .filter(({ policy }) => policy !== 'none')
    .map(({ policy, seed, load, work, savedMs }) => ({
      value: [100 * work, savedMs],
      itemStyle: { color: policy === 'default' ? COLORS.hedged : COLORS.other },
      // Once for both seeds.
      label: { show: seed === rows[0]?.seed, position: policy === 'default' ? 'top' : 'right', distance: 12, ...TEXT, fontSize: 12, formatter: `${policy}, load ${(100 * load).toFixed(1)} %` },
    }));
  const svg = draw(
    {
      title: title('Three routes, one budget: time saved, by the work of the copies'),
      legend: legend(),
      grid: { left: 80, right: 60, top: 84, bottom: 60 },
      xAxis: axis('more work if aborted work runs on, %', 32, { min: 4, max: 22 }),
      yAxis: axis('saved per call, ms', 46, { min: 1.2, max: 2.6, axisLabel: { ...TEXT, color: INK } }),
      series: [
        line('best possible', COLORS.goal, best(0)),
        line('best at 9 % load', COLORS.second, best(ALL_LOAD)),
        line('one quantile for both', COLORS.plain, common.map(({ work, savedMs }) => [100 * work, savedMs])),
        { type: 'scatter', name: 'measured', silent: true, symbolSize: 11, color: COLORS.hedged, data: measured },
      ],
    },
    440,
  );
  return { file: 'worth-frontier', alt: 'Time saved per call by the work of copies: the best that theory allows, one common quantile, and what policies come to', svg };
}
