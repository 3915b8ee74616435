import Table from 'cli-table3';
import pc from 'picocolors';
import { formatCount, formatMs, formatShare } from '../demo/format.js';
import { quantile, quantileName, QUANTILES } from '../demo/percentiles.js';
import type { SimulateOptions } from './flags.js';
import type { Preset } from './presets.js';
import type { PolicyRun } from './policy-run.js';
import { resolveScenario, type Scenario } from './scenario.js';
import type { SimulationResult } from './simulation.js';

export function presetLines(presets: readonly Preset[]): string[] {
  const width = Math.max(...presets.map(({ name }) => name.length));
  return presets.map(({ name, summary }) => `  ${pc.bold(name.padEnd(width))}  ${summary}`);
}

export function intro({ preset, scenario }: SimulateOptions): string[] {
  return [`${pc.bold(pc.green('hedgerow'))} ${pc.bold('simulate')}`, '', `Scenario ${preset.name}: ${preset.summary}.`, `${describe(scenario)}.`, ''];
}

/** The scenario as it is after flags have changed it. */
export function describe(scenario: Scenario): string {
  const { arrivals, backends, calls, clients, correlation, errors, faults, seed, warmupCalls } = resolveScenario(scenario);
  return [
    `${formatCount(calls)} calls per policy after ${formatCount(warmupCalls)} of warm-up`,
    `${formatCount(clients)} ${clients === 1 ? 'client' : 'clients'}`,
    arrivals.kind === 'closed' ? `${formatCount(arrivals.inFlight)} in flight each` : `${formatCount(Math.round(arrivals.perSecond))} calls/s`,
    `${formatCount(backends.count)} ${backends.count === 1 ? 'server' : 'servers'}`,
    ...(backends.slots === Infinity
      ? ['never busy']
      : [`${backends.slots} slots each`, backends.dispatch, `aborted work ${backends.stopsAborted ? 'stops' : 'runs on'}`]),
    ...(correlation > 0 ? [`correlation ${correlation}`] : []),
    ...(errors.share > 0 ? [`${formatShare(errors.share)} errors`] : []),
    ...faults.map(({ kind, fromMs, toMs }) => `${kind === 'sharedFate' ? 'shared fate' : kind} ${fromMs / 1_000}–${toMs === undefined ? 'end' : toMs / 1_000} s`),
    `seed ${seed}`,
  ].join(', ');
}

/** What the columns of the table are called, here and in the report. */
export const HEADINGS: readonly string[] = ['policy', ...QUANTILES.map(quantileName), 'extra load*', 'copies that won', 'not sent**', 'slots taken', 'failed'];

/** What the marks in the headings mean. */
export const FOOTNOTES: readonly string[] = [
  '*  attempts that the servers received beyond one per call',
  '** calls of which a hedge that was due was not sent',
];

/** The cells of a run, in the order of the headings. */
export function cells({ policy, result }: PolicyRun): string[] {
  const { calls, extraLoad, failed, hedges, hedgeWins, latencies, utilisation } = result;
  return [
    policy.name,
    ...QUANTILES.map((share) => formatMs(quantile(latencies, share))),
    formatShare(extraLoad),
    hedges === 0 ? '–' : formatShare(hedgeWins / hedges),
    formatShare(suppressed(result) / calls),
    utilisation === undefined ? '–' : formatShare(utilisation),
    formatShare(failed / calls),
  ];
}

export function tableLines(runs: readonly PolicyRun[]): string[] {
  const table = new Table({
    head: HEADINGS.map((heading) => pc.bold(heading)),
    colAligns: HEADINGS.map((_, column) => (column === 0 ? 'left' : 'right')),
    // The colours are ours: the table's own ignore NO_COLOR.
    style: { head: [], border: [], compact: true },
  });
  for (const run of runs) table.push(cells(run));
  const reasons = runs.flatMap(({ policy, result }) => reasonLine(policy.name, result));
  return ['Latency in milliseconds of virtual time', ...table.toString().split('\n'), ...FOOTNOTES.map((note) => pc.dim(note)), ...reasons];
}

export function jsonOf({ preset, scenario }: SimulateOptions, runs: readonly PolicyRun[]): unknown {
  const { routes, seed, calls, warmupCalls, clients, sharedHedger, arrivals, backends, correlation, errors, faults } = resolveScenario(scenario);
  const world = { seed, calls, warmupCalls, clients, sharedHedger, arrivals, correlation, errors, faults, serviceMeanMs: routes.service.meanMs };
  return {
    // JSON has no Infinity: null stands for no limit.
    scenario: { name: preset.name, ...world, backends: { ...backends, slots: backends.slots === Infinity ? null : backends.slots } },
    runs: runs.map(({ policy, result }) => {
      const { latencies, ...figures } = result;
      const percentiles = Object.fromEntries(QUANTILES.map((share) => [`${quantileName(share)}Ms`, quantile(latencies, share)]));
      return { policy: policy.name, ...percentiles, ...figures };
    }),
  };
}

function suppressed({ suppressions }: SimulationResult): number {
  return Object.values(suppressions).reduce((sum, count) => sum + count, 0);
}

function reasonLine(name: string, result: SimulationResult): string[] {
  const reasons = Object.entries(result.suppressions).map(([reason, count]) => `${reason} ${formatCount(count)}`);
  if (reasons.length === 0) return [];
  const noGain = 'no_gain' in result.suppressions ? ['no_gain: nothing takes so much longer than the rest that a copy would be worth its load'] : [];
  return [`${name}, not sent: ${reasons.join(', ')}`, ...noGain].map((line) => pc.dim(line));
}
