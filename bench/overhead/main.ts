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
  readonly ok: boolean;
}

const CALLS = { rounds: 30, count: 20_000 };
const REQUESTS = { rounds: 40, count: 400 };
const rows: Row[] = [];
const bar = new SingleBar({ format: '{bar} {percentage} % {what}', noTTYOutput: false }, Presets.shades_classic);
bar.start(CALLS.rounds + 8 * REQUESTS.rounds + 1, 0, { what: '' });

const core = await run('Hedger.run against a hand-written hedge', byHand, throughHedger(), CALLS);
rows.push({
  what: 'Hedger.run, not hedged / hand-written hedge, time',
  detail: `${core.candidateUs.toFixed(2)} µs / ${core.baselineUs.toFixed(2)} µs`,
  figure: core.ratio.toFixed(2),
  bound: '≤ 1.5',
  ok: core.ratio <= 1.5,
});

const { clients, close } = await openClients();
for (const client of clients) await throughput(client, 'no SDK', 0.95);
const stopRecording = startRecording();
for (const client of clients) await throughput(client, 'SDK recording', 0.85);
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

const table = new Table({ head: ['what', 'medians', 'figure', 'bound', ''], style: { head: [], border: [] } });
table.push(...rows.map((row) => [row.what, row.detail, row.figure, row.bound, row.ok ? 'ok' : 'MISSED']));
console.log(table.toString());
console.log('reference: answers as slow as the reference workload, 20 in flight; saturated: answers at once, so that the client’s processor is the limit.');
console.log('Ratios are medians over rounds of neighbours within this run; absolute times are this machine’s.');
process.exitCode = rows.every((row) => row.ok) ? 0 : 1;

async function run(what: string, baseline: Side, candidate: Side, size: { rounds: number; count: number }): Promise<Comparison> {
  bar.update({ what });
  return compare(baseline, candidate, size.rounds, size.count, () => bar.increment());
}

/** The same bound for both: waiting for a server hides what the client spends, a saturated client shows it. */
async function throughput(client: ClientSides, how: string, bound: number): Promise<void> {
  for (const workload of ['reference', 'saturated'] as const) {
    const sides = client[workload];
    const result = await run(`${client.name} hedged against plain, ${workload}, ${how}`, sides.plain, sides.hedged, REQUESTS);
    const ratio = 1 / result.ratio;
    const perSecond = (us: number): string => `${Math.round(1e6 / us)}/s`;
    rows.push({
      what: `${client.name}: requests per second, hedged / plain, ${workload}, ${how}`,
      detail: `${perSecond(result.candidateUs)} / ${perSecond(result.baselineUs)}`,
      figure: ratio.toFixed(2),
      bound: `≥ ${bound}`,
      ok: ratio >= bound,
    });
  }
}
