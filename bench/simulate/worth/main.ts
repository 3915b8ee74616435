import type { HedgerOptions } from '@hedgerow/core';
import type { SimulationResult } from 'hedgerow';
import { formatMs, formatShare } from '#cli/demo/format.js';
import { quantile, quantileName } from '#cli/demo/percentiles.js';
import { mainAlone, type Setting } from '../../support/benchmark.js';
import { atMost, type Check, type Outcome } from '../../support/outcome.js';
import { percentileFields } from '../../support/percentiles.js';
import { tableOf, type Columns } from '../../support/table.js';
import { p99 } from '../result.js';
import { run } from '../run.js';
import { frontierPlot } from './frontier-plot.js';
import { frontierTable, measureMix, mixChecks, mixTable, type Sizes } from './mix.js';
import { loadPlot } from './plot.js';
import { SERVICES, type Service } from './services.js';

/** Where copies are not worth it next to none is sent; where they are p99 is what it is if all that is late is hedged. */
const MOST_LOAD = 0.005;
const P99_WITHIN = 1.02;
/** No percentile may be worse than without hedging, but for chance. */
const QUANTILES = [0.5, 0.9, 0.99, 0.999];
const CHANCE = 1.005;

/** One service, without hedging, with whatever is late hedged, and by default. */
export interface Row {
  readonly service: Service;
  readonly plain: SimulationResult;
  readonly insistent: SimulationResult;
  readonly byDefault: SimulationResult;
}

const COLUMNS: Columns<Row> = {
  service: ({ service }) => service.name,
  'p99 without': ({ plain }) => formatMs(p99(plain)),
  'p99, whatever is late': ({ insistent }) => formatMs(p99(insistent)),
  load: ({ insistent }) => formatShare(insistent.extraLoad),
  'p99, default': ({ byDefault }) => formatMs(p99(byDefault)),
  'load, default': ({ byDefault }) => formatShare(byDefault.extraLoad),
  'not sent (`no_gain`)': ({ byDefault }) => formatShare((byDefault.suppressions.no_gain ?? 0) / byDefault.calls),
};

await mainAlone<Sizes>({
  name: 'worth',
  script: 'sim:worth',
  description: 'Simulated: where latencies have a tail that a copy can cut and where they have none, hedged by default and whenever late; and three routes that share a budget.',
  sizes: {
    calls: { what: 'calls per run', full: 400_000, quick: 60_000 },
    warmup: { what: 'calls before them, which do not count', full: 5_000, quick: 5_000 },
    rate: { what: 'calls per second', full: 1_000, quick: 1_000 },
  },
  run: measure,
});

async function measure(setting: Setting<Sizes>): Promise<Outcome> {
  const rows: Row[] = [];
  for (const service of SERVICES) {
    const by = (name: string, hedge: HedgerOptions | false): Promise<SimulationResult> => simulated(`${service.name}, ${name}`, service, hedge, setting);
    rows.push({ service, plain: await by('none', false), insistent: await by('whatever is late', { worth: 0 }), byDefault: await by('default', {}) });
  }
  const mix = await measureMix(setting);
  return {
    table: tableOf(rows, COLUMNS),
    further: [mixTable(mix), frontierTable(mix)],
    notes: ['Milliseconds. Whatever is late: `worth: 0`. Copies are independent, servers are never busy.'],
    checks: [...rows.flatMap(checksOf), ...mixChecks(mix)],
    plots: [loadPlot(rows), frontierPlot(mix)],
    records: rows.flatMap(recordsOf),
    details: { threeRoutes: mix.rows.map(({ result, ...row }) => ({ ...row, hedges: result.hedges, suppressions: result.suppressions })) },
  };
}

async function simulated(label: string, { time }: Service, hedge: HedgerOptions | false, setting: Setting<Sizes>): Promise<SimulationResult> {
  const { calls, warmup: warmupCalls, rate } = setting.sizes;
  return run(label, { seed: setting.seed, calls, warmupCalls, service: time, arrivals: { kind: 'poisson', perSecond: rate }, hedge }, setting);
}

function checksOf({ service, plain, insistent, byDefault }: Row): Check[] {
  const { name, isWorthIt } = service;
  if (isWorthIt) {
    return [
      atMost(`${name}: p99`, p99(byDefault), P99_WITHIN * p99(insistent), formatMs),
      atMost(`${name}: extra load`, byDefault.extraLoad, 1.01 * insistent.extraLoad, formatShare),
    ];
  }
  const worst = QUANTILES.map((share) => [share, quantile(byDefault.latencies, share) / quantile(plain.latencies, share)] as const).sort(([, a], [, b]) => b - a)[0];
  return [
    atMost(`${name}: extra load`, byDefault.extraLoad, MOST_LOAD, (share) => `${(100 * share).toFixed(2)} %`),
    atMost(`${name}: worst percentile (${quantileName(worst?.[0] ?? NaN)}) against none`, worst?.[1] ?? NaN, CHANCE, (ratio) => ratio.toFixed(3)),
  ];
}

function recordsOf({ service, ...runs }: Row): Readonly<Record<string, string | number>>[] {
  return Object.entries(runs).map(([policy, result]) => ({ service: service.name, policy, ...percentileFields(result.latencies), extraLoad: result.extraLoad, noGain: result.suppressions.no_gain ?? 0 }));
}
