import { SingleBar, Presets } from 'cli-progress';
import Table from 'cli-table3';
import { openClients } from './clients.js';
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
bar.start(CALLS.rounds + 4 * REQUESTS.rounds + 1, 0, { what: '' });

const core = await run('Hedger.run against a hand-written hedge', byHand, throughHedger(), CALLS);
rows.push({
  what: 'Hedger.run, not hedged / hand-written hedge, time',
  detail: `${core.candidateUs.toFixed(2)} µs / ${core.baselineUs.toFixed(2)} µs`,
  figure: core.ratio.toFixed(2),
  bound: '≤ 1.5',
  ok: core.ratio <= 1.5,
});

const clients = await openClients();
await client('axios', 'no SDK', 0.95, clients.axios);
await client('got', 'no SDK', 0.95, clients.got);
const stopRecording = startRecording();
await client('axios', 'SDK recording', 0.85, clients.axios);
await client('got', 'SDK recording', 0.85, clients.got);
clients.close();
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
console.log('Ratios are medians over rounds of neighbours within this run; absolute times are this machine’s.');
process.exitCode = rows.every((row) => row.ok) ? 0 : 1;

async function run(what: string, baseline: Side, candidate: Side, size: { rounds: number; count: number }): Promise<Comparison> {
  bar.update({ what });
  return compare(baseline, candidate, size.rounds, size.count, () => bar.increment());
}

async function client(name: string, how: string, bound: number, sides: { plain: Side; hedged: Side }): Promise<void> {
  const result = await run(`${name} hedged against plain, ${how}`, sides.plain, sides.hedged, REQUESTS);
  const throughput = 1 / result.ratio;
  const perSecond = (us: number): string => `${Math.round(1e6 / us)}/s`;
  rows.push({
    what: `${name}: requests per second, hedged / plain, ${how}`,
    detail: `${perSecond(result.candidateUs)} / ${perSecond(result.baselineUs)}`,
    figure: throughput.toFixed(2),
    bound: `≥ ${bound}`,
    ok: throughput >= bound,
  });
}
