import Table from 'cli-table3';
import pc from 'picocolors';
import { formatCount, formatMs, formatShare } from './format.js';
import { compare, type Run } from './measure.js';
import type { ClientName, DemoOptions } from './options.js';
import { quantile, quantileName, QUANTILES } from './percentiles.js';

const LIST = new Intl.ListFormat('en-GB');

/** Who answers, and how requests get to them. */
export function servers(clients: readonly ClientName[]): string {
  const ways = [
    ...(clients.some((client) => client !== 'grpc') ? ['a round-robin balancer'] : []),
    ...(clients.includes('grpc') ? ['a gRPC channel with round_robin'] : []),
  ];
  return `Three servers behind ${LIST.format(ways)}`;
}

export function intro(options: DemoOptions): string[] {
  const { clients, concurrency, requests, seed, warmup } = options;
  return [
    `${pc.bold(pc.green('hedgerow'))} ${pc.bold('demo')}`,
    '',
    `${servers(clients)}, on loopback, in a thread of their own.`,
    'They answer in 5 ± 2 ms (lognormal), but one request in twenty takes ten times longer.',
    '',
    `Each run: ${formatCount(requests)} requests, ${concurrency} in flight, seed ${seed}. Clients: ${LIST.format(clients)}.`,
    warmup > 0
      ? `${formatCount(warmup)} warm-up requests go before each run and are left out of all figures; a hedged client learns from them.`
      : 'There is no warm-up: the figures contain the time in which a hedged client learns the latencies.',
    '',
  ];
}

/** One run in a line. */
export function runLine(run: Run): string {
  const name = `${run.client} ${run.hedged ? 'hedged' : 'plain'}`.padEnd(13);
  const seconds = (run.durationMs / 1000).toFixed(1);
  const count = formatCount(run.latencies.length);
  return `  ${name} ${count} requests in ${seconds} s, p99 ${formatMs(quantile(run.latencies, 0.99))} ms`;
}

/** What the columns of the table are called, here and in the report. */
export const HEADINGS: readonly string[] = [
  'client',
  'hedging',
  ...QUANTILES.map(quantileName),
  'calls hedged',
  'extra load*',
  'refused**',
];

/** What the marks in the headings mean. */
export const FOOTNOTES: readonly string[] = [
  '*  requests that the servers received beyond the calls made',
  '** hedges that were due and that the budget did not allow',
];

/** The cells of a run, in the order of the headings. */
export function cells(run: Run): string[] {
  return [
    run.client,
    run.hedged ? 'on' : 'off',
    ...QUANTILES.map((q) => formatMs(quantile(run.latencies, q))),
    run.hedgeRate === undefined ? '–' : formatShare(run.hedgeRate),
    formatShare(run.extraLoad),
    run.refused === undefined ? '–' : formatCount(run.refused),
  ];
}

export function tableLines(runs: readonly Run[]): string[] {
  const table = new Table({
    head: HEADINGS.map((heading) => pc.bold(heading)),
    colAligns: HEADINGS.map((_, column) => (column < 2 ? 'left' : 'right')),
    // The colours are ours: the table's own ignore NO_COLOR.
    style: { head: [], border: [], compact: true },
  });
  for (const run of runs) table.push(cells(run).map((cell) => (run.hedged ? pc.green(cell) : cell)));
  return [...table.toString().split('\n'), ...FOOTNOTES.map((note) => pc.dim(note))];
}

/** What happened, in a line per client. */
export function headline(runs: readonly Run[]): string[] {
  return compare(runs).map(({ hedged, beforeMs, afterMs }) => {
    const change = `p99 ${formatMs(beforeMs)} ms → ${pc.bold(pc.green(`${formatMs(afterMs)} ms`))}`;
    return `${hedged.client.padEnd(5)} ${change} for ${formatShare(hedged.extraLoad)} more requests`;
  });
}
