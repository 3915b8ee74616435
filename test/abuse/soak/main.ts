import { setMaxListeners } from 'node:events';
import { parseArgs } from 'node:util';
import type { SoakClient } from './client.js';
import { budget, makeClients } from './clients.js';
import { Closings } from './closings.js';
import { Complaints } from './complaints.js';
import { Contexts } from './contexts.js';
import { leaks, leftovers, type Leftovers } from './leftovers.js';
import { Ledger } from './ledger.js';
import { Load } from './load.js';
import { report, save } from './report.js';
import { Servers } from './servers.js';

/**
 * Ten minutes of everything that goes wrong, at the highest rate the machine sustains: `npm run soak`, `-- --quick` for two
 * minutes, `-- --seconds 60` for as long as you say. Every answer is held against what its call's fates allow; after each round
 * nothing may be left. Exits with 1 if anything is wrong. A run of ten minutes or more writes docs/soak.md.
 */
const { values } = parseArgs({ options: { quick: { type: 'boolean' }, seconds: { type: 'string' } } });
const seconds = values.seconds === undefined ? (values.quick === true ? 120 : 600) : Number(values.seconds);
if (!(seconds >= 20)) {
  console.error(`expected at least 20 seconds, got ${values.seconds}\nusage: npm run soak -- [--quick] [--seconds 600]`);
  process.exit(2);
}
/** A round has to be long enough for the pools to fill, and there must be some to compare. */
const rounds = Math.max(4, Math.round(seconds / 20));

const complaints = new Complaints();
complaints.watchProcess();
const contexts = new Contexts(complaints.add);
const closings = new Closings(complaints.add);
const servers = new Servers({
  onClosed: (closed) => closings.onClosed(closed),
  onForeign: ({ call, attempt, context }) => complaints.add(`call ${call}: attempt ${attempt} was sent in the context of call ${context}`),
});
const hello = await servers.hello;
const clients = makeClients(contexts);
const ledger = new Ledger();
for (const hedger of new Set(clients.map((client) => client.hedger))) ledger.watch(namesOf(hedger), hedger, budget);
const { signal } = new AbortController();
// Not 0: some versions of Node then take a signal for no EventTarget, and undici asks.
setMaxListeners(100_000, signal);
const load = new Load(clients, { ledger, contexts, closings, complaints }, signal);

const startedAt = performance.now();
const found: Leftovers[] = [];
for (let round = 0; round < rounds; round++) {
  for (const client of clients) client.open(hello);
  const ticker = setInterval(tick, 1_000);
  await load.run((seconds * 1_000) / rounds);
  clearInterval(ticker);
  ledger.closeSecond();
  for (const client of clients) await client.close();
  found.push(await leftovers({ clients, ledger, contexts, signal }, found[1]));
  closings.close((await servers.counts()).endless);
}
const counts = await servers.counts();
servers.stop();

const problems = [...complaints.wrong, ...new Set(ledger.overdrawn), ...leaks(found)];
const figures = { seconds, tookSeconds: (performance.now() - startedAt) / 1_000, load, ledger, complaints, contexts, closings, rounds: found, counts, problems };
console.log(report(figures));
// Wrong outcomes were told when they were seen.
for (const problem of problems.slice(complaints.wrong.length)) console.error(`✗ ${problem}`);
if (problems.length === 0 && seconds >= 600) save(figures);
process.exit(problems.length > 0 ? 1 : 0);

function tick(): void {
  ledger.closeSecond();
  const elapsed = (performance.now() - startedAt) / 1_000;
  const text = `${elapsed.toFixed(0)} of ${seconds} s: ${load.calls} calls, ${(load.calls / elapsed).toFixed(0)} a second, ${ledger.hedges} hedges, ${complaints.wrong.length} wrong`;
  if (process.stderr.isTTY) process.stderr.write(`\r${text} `);
  else if (ledger.seconds % 10 === 0) process.stderr.write(`${text}\n`);
}

function namesOf(hedger: SoakClient['hedger']): string {
  return clients.filter((client) => client.hedger === hedger).map(({ name }) => name).join(' and ');
}
