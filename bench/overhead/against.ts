import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { SingleBar, Presets } from 'cli-progress';
import Table from 'cli-table3';
import { openClients, type Adapters } from './clients.js';
import { startRecording } from './recording.js';
import { compare, processorUs, type Side } from './rounds.js';
import { throughHedger, type HedgerClass } from './scheduler.js';

const HELP = `Usage: npm run bench:overhead:against -- DIR [--rounds N]

Compares what calls that are not hedged cost here and in another checkout, DIR, which has been built: processor time
(user and system) per call, in turns within this run, as ratios. Below 1 is cheaper here.

  --rounds N   rounds of each row, default 40`;

const { positionals, values } = parseArgs({ allowPositionals: true, options: { rounds: { type: 'string', default: '40' }, help: { type: 'boolean', short: 'h' } } });
const [directory] = positionals;
const rounds = Number(values.rounds);
if (values.help === true || directory === undefined || !Number.isInteger(rounds) || rounds < 2) {
  console.log(HELP);
  process.exit(values.help === true ? 0 : 2);
}

const root = resolve(directory);
const load = async (name: string): Promise<unknown> => import(pathToFileURL(resolve(root, 'packages', name, 'dist/index.js')).href);
const { Hedger: Theirs } = (await load('core')) as { readonly Hedger: HedgerClass };
const theirs = { ...((await load('axios')) as object), ...((await load('got')) as object) } as Adapters;

const CALLS = 20_000;
const REQUESTS = 400;
const table = new Table({ head: ['processor time per call', 'here, µs', 'there, µs', 'here / there'], style: { head: [], border: [] } });
const bar = new SingleBar({ format: '{bar} {percentage} % {what}', noTTYOutput: false }, Presets.shades_classic);
bar.start(10 * rounds, 0, { what: '' });

await row('Hedger.run, answered before its hedge is due', throughHedger(Theirs), throughHedger(), CALLS);
await row('Hedger.run, 20 in flight, waiting', throughHedger(Theirs, { delay: 60_000 }, 20), throughHedger(undefined, { delay: 60_000 }, 20), CALLS);
await clients('no SDK');
// Before the clients are made: those of the other checkout have an OpenTelemetry API of their own, which looks for the SDK when they are.
const stopRecording = startRecording();
await clients('SDK recording');
await stopRecording();
bar.stop();
console.log(table.toString());
console.log('Medians over rounds of neighbours within this run.');

async function clients(how: string): Promise<void> {
  const [here, there] = [await openClients(), await openClients(theirs)];
  for (const [index, client] of here.clients.entries()) {
    const other = there.clients[index];
    if (other === undefined) continue;
    await row(`${client.name}, reference, ${how}`, other.reference.hedged, client.reference.hedged, REQUESTS);
    await row(`${client.name}, saturated, ${how}`, other.saturated.hedged, client.saturated.hedged, REQUESTS);
  }
  here.close();
  there.close();
}

async function row(what: string, baseline: Side, candidate: Side, count: number): Promise<void> {
  bar.update({ what });
  const { candidateUs, baselineUs, ratio } = await compare(baseline, candidate, rounds, count, () => bar.increment(), processorUs);
  table.push([what, candidateUs.toFixed(2), baselineUs.toFixed(2), ratio.toFixed(3)]);
}
