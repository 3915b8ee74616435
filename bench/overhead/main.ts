import { SingleBar, Presets } from 'cli-progress';
import Table from 'cli-table3';
import { openClients, type ClientSides } from './clients.js';
import { bytesPerKey } from './memory.js';
import { startRecording } from './recording.js';
import { compare, type Comparison, type Side } from './rounds.js';
import { byHand, throughHedger } from './scheduler.js';

interface Row {
  readonly what: string;
  readonly detail: string;
  readonly figure: string;
  readonly bound: string;
  /** `undefined`: for comparison only. */
  readonly ok: boolean | undefined;
}

const CALLS = { rounds: 30, count: 20_000 };
const REQUESTS = { rounds: 40, count: 400 };
const rows: Row[] = [];
const bar = new SingleBar({ format: '{bar} {percentage} % {what}', noTTYOutput: false }, Presets.shades_classic);
bar.start(CALLS.rounds + 12 * REQUESTS.rounds + 1, 0, { what: '' });

const core = await run('Hedger.run against a hand-written hedge', byHand, throughHedger(), CALLS);
rows.push({
  what: 'Hedger.run, not hedged / hand-written hedge, time',
  detail: `${core.candidateUs.toFixed(2)} µs / ${core.baselineUs.toFixed(2)} µs`,
  figure: core.ratio.toFixed(2),
  bound: '≤ 1.5',
  ok: core.ratio <= 1.5,
});

const { clients, close } = await openClients();
for (const client of clients) await throughput(client, 'no SDK', 0.95, client.saturated.byHand);
const stopRecording = startRecording();
for (const client of clients) await throughput(client, 'SDK recording', 0.85, client.saturated.byHandTraced);
close();
await stopRecording();

bar.update({ what: 'bytes per tracked key' });
const bytes = await bytesPerKey();
rows.push({
  what: 'latency memory per tracked key',
  detail: 'a full window of the reference workload',
  figure: `${(bytes / 1_024).toFixed(1)} KB`,
  bound: '≤ 32 KB',
  ok: bytes <= 32 * 1_024,
});
bar.increment();
bar.stop();

const table = new Table({ head: ['what', 'medians', 'figure', 'bound or comparison', ''], style: { head: [], border: [] } });
table.push(...rows.map((row) => [row.what, row.detail, row.figure, row.bound, row.ok === undefined ? '' : row.ok ? 'ok' : 'MISSED']));
console.log(table.toString());
console.log('reference: answers as slow as the reference workload, 20 in flight; saturated: answers at once, so that the client’s processor is the limit.');
console.log('by hand: a promise, a timer and an AbortController per request, no budget and no memory; with an SDK one span more and no metrics.');
console.log('Ratios are medians over rounds of neighbours within this run; absolute times are this machine’s.');
process.exitCode = rows.every((row) => row.ok !== false) ? 0 : 1;

async function run(what: string, baseline: Side, candidate: Side, size: { rounds: number; count: number }): Promise<Comparison> {
  bar.update({ what });
  return compare(baseline, candidate, size.rounds, size.count, () => bar.increment());
}

/**
 * The bound is for the reference workload. Saturated, any hedge costs more than it leaves: an AbortController and a timer of
 * one's own already do. So that figure stands beside what a hedge written by hand gives in the same run.
 */
async function throughput({ name, reference, saturated }: ClientSides, how: string, bound: number, byHand: Side): Promise<void> {
  const measured = await run(`${name} hedged against plain, reference, ${how}`, reference.plain, reference.hedged, REQUESTS);
  const ratio = 1 / measured.ratio;
  rows.push({ what: label(name, 'reference', how), detail: perSecond(measured), figure: ratio.toFixed(2), bound: `≥ ${bound}`, ok: ratio >= bound });

  const hand = await run(`${name} by hand against plain, saturated, ${how}`, saturated.plain, byHand, REQUESTS);
  const ours = await run(`${name} hedged against plain, saturated, ${how}`, saturated.plain, saturated.hedged, REQUESTS);
  const bounds = `by hand ${(1 / hand.ratio).toFixed(2)}`;
  rows.push({ what: label(name, 'saturated', how), detail: perSecond(ours), figure: (1 / ours.ratio).toFixed(2), bound: bounds, ok: undefined });
}

function label(client: string, workload: string, how: string): string {
  return `${client}: requests per second, hedged / plain, ${workload}, ${how}`;
}

function perSecond({ candidateUs, baselineUs }: Comparison): string {
  return [candidateUs, baselineUs].map((us) => `${Math.round(1e6 / us)}/s`).join(' / ');
}
