import Table from 'cli-table3';
import { axiosScenario, gotScenario } from './http.js';
import { fetchScenario } from './fetch.js';
import { CHECKPOINTS, measure, type Findings } from './measure.js';
import type { Scenario } from './scenario.js';
import { schedulerScenario } from './scheduler.js';
import { undiciScenario } from './undici.js';

/**
 * Makes many calls over one long-lived AbortSignal and over many paths, some hedged, some aborted, some failing, and looks for
 * what they left: heap, listeners, route keys, sockets, timers. Exits with 1 if a bound is broken.
 */
const scenarios: (() => Scenario | Promise<Scenario>)[] = [
  () => schedulerScenario('one AbortSignal', 200_000, () => 'http://service.test/items', 1_000),
  () => schedulerScenario('distinct paths', 100_000, (index) => `http://service.test/page-${words(index)}`, 1_000),
  () => axiosScenario(10_000),
  () => gotScenario(10_000),
  () => fetchScenario(100_000),
  () => undiciScenario(20_000),
];

/** A path segment that no rule takes for an identifier. */
function words(index: number): string {
  return index.toString().replace(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)));
}

function report(findings: readonly Findings[]): string {
  const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(2);
  const table = new Table({
    head: [
      '', 'calls', 'hedges', 'aborted', ...CHECKPOINTS.map((share) => `MB at ${share * 100} %`),
      'growth', 'listeners', 'keys (max)', 'sockets', 'timers', 's',
    ],
    style: { head: [], border: [] },
  });
  for (const found of findings) {
    table.push({
      [found.name]: [
        found.calls, found.hedges, found.aborted, ...found.heap.map(megabytes),
        `${(found.growth * 100).toFixed(1)} %`, found.listeners, `${found.keys} (${found.maxKeys})`, found.sockets, found.timers,
        found.seconds.toFixed(1),
      ],
    });
  }
  return table.toString();
}

// A word on the command line picks the scenarios that have it in their name.
const wanted = process.argv[2] ?? '';
const findings: Findings[] = [];
for (const make of scenarios) {
  const scenario = await make();
  if (!scenario.name.includes(wanted)) {
    await scenario.close();
    continue;
  }
  const show = (share: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${scenario.name}: ${Math.round(share * 100)} % of ${scenario.calls} calls `);
  };
  if (!process.stderr.isTTY) process.stderr.write(`${scenario.name}: ${scenario.calls} calls …\n`);
  findings.push(await measure(scenario, show));
  if (process.stderr.isTTY) process.stderr.write('\n');
}

console.log(report(findings));
const violations = findings.flatMap((found) => found.violations.map((violation) => `${found.name}: ${violation}`));
for (const violation of violations) console.error(`✗ ${violation}`);
if (violations.length > 0) process.exit(1); // a timer left behind must not keep this from ending
else console.log('Nothing is left behind.');
