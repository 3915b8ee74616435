import { parseArgs } from 'node:util';
import { clientNames, type Case, type ClientName } from './case.js';
import { compact, expand } from './compact.js';
import { fuzz, shrinkAll, type Finding, type Tally } from './fuzzer.js';
import { judge } from './judge.js';
import { World } from './world.js';

const USAGE = `usage: npm run fuzz -- [--client NAME]... [--cases 20000] [--seed N] [--at-once 32] [--quick] [--replay JSON]

Plays random requests with hedging and without, against servers that do what they can to them, and compares what their callers see.

  --client NAME   a client, or the beginning of several names: ${clientNames.join(', ')}. Default: all
  --cases N       cases of each client. Default 20000
  --seed N        draws the same cases again. Default: by chance
  --at-once N     cases under way at once. Default 32
  --findings N    stop a client after so many sorts of differences. Default 20
  --quick         1,000 cases over all clients, of seed 1
  --replay JSON   plays this one case, 20 times, and tells all about it
  --help          this
`;

const { values } = readArguments();
if (values.help === true) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const world = await World.start();
const code = values.replay === undefined ? await fuzzAll() : await replay(expand(values.replay));
process.exit(code);

function readArguments() {
  try {
    return parseArgs({
      options: {
        client: { type: 'string', multiple: true },
        cases: { type: 'string' },
        seed: { type: 'string' },
        'at-once': { type: 'string' },
        findings: { type: 'string' },
        quick: { type: 'boolean' },
        replay: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    return complain(error instanceof Error ? error.message : String(error));
  }
}

function complain(message: string): never {
  process.stderr.write(`error: ${message}\n${USAGE}`);
  process.exit(2);
}

function whole(name: string, text: string | undefined, usual: number, least = 0): number {
  const value = text === undefined ? usual : Number(text);
  return Number.isSafeInteger(value) && value >= least && text?.trim() !== '' ? value : complain(`--${name}: expected a whole number, got ${text}`);
}

function chosen(): ClientName[] {
  const asked = values.client ?? [];
  const names = asked.length === 0 ? [...clientNames] : clientNames.filter((name) => asked.some((each) => name.startsWith(each)));
  return names.length > 0 ? names : complain(`--client: there is none called ${asked.join(', ')}`);
}

async function fuzzAll(): Promise<number> {
  const names = chosen();
  const isQuick = values.quick === true;
  const seed = whole('seed', values.seed, isQuick ? 1 : Math.floor(Math.random() * 2 ** 31), Number.MIN_SAFE_INTEGER);
  const cases = whole('cases', values.cases, isQuick ? Math.ceil(1_000 / names.length) : 20_000);
  const atOnce = Math.max(1, whole('at-once', values['at-once'], 32));
  const mostFindings = Math.max(1, whole('findings', values.findings, 20));
  console.log(`${cases} cases of each of ${names.join(', ')}; seed ${seed}`);
  let wrong = 0;
  for (const client of names) {
    const startedAt = performance.now();
    let toldAt = startedAt;
    const onProgress = (tally: Tally): void => {
      if (performance.now() - toldAt < (process.stderr.isTTY ? 500 : 10_000)) return;
      toldAt = performance.now();
      process.stderr.write(`${process.stderr.isTTY ? '\r' : ''}${client}: ${lineOf(tally, startedAt)}${process.stderr.isTTY ? ' ' : '\n'}`);
    };
    const tally = await fuzz(world, { client, cases, seed, atOnce, onProgress, mostFindings });
    console.log(`${process.stderr.isTTY ? '\n' : ''}${tally.findings.length === 0 ? '✓' : '✗'} ${client}: ${lineOf(tally, startedAt)}${explained(tally)}${fleeting(tally)}`);
    await shrinkAll(world, tally.findings);
    for (const finding of tally.findings) tell(finding);
    wrong += tally.findings.length;
  }
  for (const orphan of new Set(world.accidents.orphans)) console.error(`✗ of no case that is known: ${orphan}`);
  return wrong + world.accidents.orphans.length > 0 ? 1 : 0;
}

function lineOf({ cases, hedged, findings }: Tally, startedAt: number): string {
  const seconds = (performance.now() - startedAt) / 1_000;
  return `${cases} cases, ${(cases / seconds).toFixed(0)} a second, ${hedged} hedged; ${findings.length} sorts of differences`;
}

function explained({ explained }: Tally): string {
  return explained.size === 0 ? '' : `\n  explained: ${[...explained].map(([name, count]) => `${name} (${count})`).join(', ')}`;
}

function fleeting({ fleeting }: Tally): string {
  return fleeting.map(({ sort, seed }) => `\n  not again in a hundred times: ${sort} (--cases 1 --seed=${seed})`).join('');
}

function tell(finding: Finding): void {
  const shown = finding.shrunk ?? finding.found;
  const text = compact(shown);
  console.log(`\n✗ ${finding.client}: ${finding.sort} (${finding.count} times; --cases 1 --seed=${finding.seed})\n${short(finding.told)}${finding.shrunk === undefined ? '\n  (not seen again when played alone)' : ''}\n  npm run fuzz -- --replay '${text}'`);
}

/** Four at once: some differences need company. */
async function replay(plan: Case): Promise<number> {
  const sorts = new Map<string, number>();
  let told: string | undefined;
  for (let round = 0; round < 5; round++) {
    for (const { differences } of await Promise.all(Array.from({ length: 4 }, () => judge(world, plan)))) {
      for (const difference of differences) {
        sorts.set(difference.sort, (sorts.get(difference.sort) ?? 0) + 1);
        told ??= difference.told;
      }
    }
  }
  for (const [sort, count] of sorts) console.log(`✗ ${count} of 20 times: ${sort}`);
  console.log(told === undefined ? '✓ no difference in 20 times' : short(told));
  return sorts.size > 0 ? 1 : 0;
}

/** Long answers say no more than short ones. */
function short(told: string): string {
  return told.replace(/^(.{900}).+$/gm, '$1 …').replace(/((?:,"x-many-\d+: \w")+)|("(?:[^"\\]|\\.){300,}")|((?:,\["x-many-\d+","\w"\])+)/g, (text) => `${text.slice(0, 60)} …`);
}
