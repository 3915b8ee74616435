import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { HedgerStats, SuppressionReason } from '@hedgerow/core';
import { machineFacts } from '#bench/support/machine.js';
import { replaceSection } from '#bench/support/page.js';
import { tableForPage, tableForTerminal } from '#bench/support/table.js';
import type { Kind } from './client.js';
import type { Closings, ClosingTally } from './closings.js';
import type { Complaints } from './complaints.js';
import type { Contexts } from './contexts.js';
import { heapGrowth, type Leftovers } from './leftovers.js';
import type { Ledger } from './ledger.js';
import type { Load } from './load.js';
import type { Counts } from './protocol.js';

/** What a soak has found. */
export interface Figures {
  /** Of load, as was asked for. */
  readonly seconds: number;
  /** With what is between the rounds. */
  readonly tookSeconds: number;
  readonly load: Load;
  readonly ledger: Ledger;
  readonly complaints: Complaints;
  readonly contexts: Contexts;
  readonly closings: Closings;
  readonly rounds: readonly Leftovers[];
  readonly counts: Counts;
  readonly problems: readonly string[];
}

type Table = Parameters<typeof tableForPage>[0];

const KINDS: readonly Kind[] = ['ok', 'aborted', 'timeout', 'broken', 'oversized', 'redirects', 'status 503', 'status 429', 'refused'];
const DOCS = new URL('../../../../docs/', import.meta.url);

/** For the terminal. */
export function report(figures: Figures): string {
  const tables = [byClient(figures), byHedger(figures), byRound(figures)].map(tableForTerminal);
  return [...tables, summary(figures), facts()].join('\n');
}

/** docs/soak.md and docs/benchmarks/soak.json. */
export function save(figures: Figures): void {
  const page = new URL('soak.md', DOCS);
  const text = [summary(figures), tableForPage(byClient(figures)), tableForPage(byHedger(figures)), tableForPage(byRound(figures, 10)), `${facts()}, ${today()}. All figures: [soak.json](benchmarks/soak.json).`];
  writeFileSync(page, replaceSection(readFileSync(page, 'utf8'), 'soak', text.join('\n\n')));
  const { seconds, tookSeconds, load, ledger, complaints, contexts, closings, rounds, counts, problems } = figures;
  const clients = [...load.tallies].map(([client, tally]) => ({ name: client.name, ...tally, endless: closings.tallies.get(client) }));
  const hedgers = hedgersOf(figures).map(({ names, stats: { attempts, wins, suppressions } }) => ({ names, hedges: attempts.hedge, wins: wins.hedge, suppressions }));
  const warnings = Object.fromEntries(complaints.warnings);
  const all = { madeAt: new Date().toISOString(), machine: machineFacts(), seconds, tookSeconds, calls: load.calls, blocks: load.blocks, wrong: problems.length, hedges: ledger.hedges, worstSecond: ledger.worstSecond, judgedSeconds: ledger.seconds, received: counts.received, contextsChecked: contexts.checked, warnings, heapGrowth: heapGrowth(rounds), clients, hedgers, rounds };
  mkdirSync(new URL('benchmarks/', DOCS), { recursive: true });
  writeFileSync(new URL('benchmarks/soak.json', DOCS), `${JSON.stringify(all, null, 1)}\n`);
}

function summary({ seconds, load, ledger, complaints, contexts, rounds, counts, problems }: Figures): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const { totals } = ledger;
  return [
    `${load.calls} calls in ${seconds} s, ${Math.round(load.calls / seconds)} a second; ${totals.started} attempts, ${ledger.hedges} of them hedges (${percent(ledger.hedges / totals.calls)}); the servers received ${counts.received.primaries + counts.received.hedges} requests, redirects included.`,
    `The event loop was blocked ${load.blocks} times. Budget: in ${ledger.seconds} seconds none took more than ${percent(ledger.worstSecond)} of burst + ratio × calls. Heap: ${percent(heapGrowth(rounds))} from the first third to the last.`,
    `Contexts: ${counts.received.primaries + counts.received.hedges} requests and ${contexts.checked} callbacks and events told theirs. Warnings of the process: ${warningsOf(complaints)}.`,
    problems.length === 0 ? 'Wrong outcomes: 0. Leaks: 0. Budget overdrawn: 0.' : `${problems.length} things are wrong.`,
  ].join('\n');
}

function byClient({ load }: Figures): Table {
  const rows = [...load.tallies].map(([{ name }, { calls, kinds }]) => [name, ...[calls, ...KINDS.map((kind) => kinds[kind] ?? 0)].map(String)]);
  return { head: ['client', 'calls', ...KINDS], rows };
}

/** What hedging came to, and why it was held back. */
function byHedger(figures: Figures): Table {
  const hedgers = hedgersOf(figures);
  const reasons = [...new Set(hedgers.flatMap(({ stats }) => Object.entries(stats.suppressions).flatMap(([reason, count]) => (count > 0 ? [reason as SuppressionReason] : []))))];
  const rows = hedgers.map(({ names, endless, stats: { attempts, wins, suppressions } }) => [
    names,
    ...[attempts.hedge, wins.hedge, ...reasons.map((reason) => suppressions[reason])].map(String),
    endless === undefined ? '' : `${endless.count} (${endless.worstMs.toFixed(0)})`,
  ]);
  return { head: ['hedging', 'hedges', 'won', ...reasons.map((reason) => `not sent: ${reason}`), 'endless ones closed (after ms at most)'], rows };
}

interface HedgerFigures {
  readonly names: string;
  readonly stats: HedgerStats;
  readonly endless: ClosingTally | undefined;
}

function hedgersOf({ load, closings }: Figures): HedgerFigures[] {
  const clients = [...load.tallies.keys()];
  return [...new Set(clients.map(({ hedger }) => hedger))].map((hedger) => {
    const own = clients.filter((client) => client.hedger === hedger);
    const tallies = own.flatMap((client) => closings.tallies.get(client) ?? []);
    return { names: own.map(({ name }) => name).join(' and '), stats: hedger.stats(), endless: tallies.length === 0 ? undefined : sumOf(tallies) };
  });
}

function sumOf(tallies: readonly ClosingTally[]): ClosingTally {
  return tallies.reduce((sum, { count, worstMs, bytes }) => ({ count: sum.count + count, worstMs: Math.max(sum.worstMs, worstMs), bytes: sum.bytes + bytes }));
}

function warningsOf({ warnings }: Complaints): string {
  return warnings.size === 0 ? 'none' : [...warnings].map(([name, count]) => `${count} × ${name}`).join(', ');
}

/** `most` rounds at most, evenly spread. */
function byRound({ rounds }: Figures, most = Infinity): Table {
  const step = Math.max(1, Math.ceil(rounds.length / most));
  const rows = rounds.flatMap(({ heapBytes, sockets, timers, files, listeners, attempts, stores }, index) =>
    index % step === 0 || index === rounds.length - 1
      ? [[String(index + 1), (heapBytes / 2 ** 20).toFixed(1), ...[sockets, timers, files, listeners, attempts, stores].map(String)]]
      : [],
  );
  return { head: ['left after round', 'heap, MB', 'sockets', 'timers', 'file descriptors', 'listeners', 'attempts', 'contexts'], rows };
}

function facts(): string {
  return machineFacts().join(', ');
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
