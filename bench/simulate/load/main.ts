import { mainAlone } from '../../support/benchmark.js';
import type { Outcome } from '../../support/outcome.js';
import { tableOf } from '../../support/table.js';
import { latencyStep, outage } from './faults.js';
import { independence, sharedFate } from './fate.js';
import { COLUMNS, recordOf, type LoadSetting, type Part, type Sizes } from './part.js';
import { carelessPolicies, defaultUnderLoad } from './under-load.js';

await mainAlone<Sizes>({
  name: 'load',
  script: 'sim:load',
  description: 'Simulated: what hedging does to busy servers, in an outage, when latency changes, and where copies cannot help.',
  sizes: {
    calls: { what: 'calls per policy and load', full: 200_000, quick: 60_000 },
    gateCalls: { what: 'calls that must never pause', full: 1_000_000, quick: 100_000 },
    seeds: { what: 'runs of each fault', full: 5, quick: 3 },
  },
  run: measure,
});

async function measure(setting: LoadSetting): Promise<Outcome> {
  const parts: Part[] = [];
  for (const part of [sharedFate, independence, outage, latencyStep, defaultUnderLoad, carelessPolicies]) parts.push(await part(setting));
  const rows = parts.flatMap((part) => part.rows);
  return {
    table: tableOf(rows, COLUMNS),
    notes: ['Milliseconds of virtual time. Extra load: attempts that the servers received beyond one per call. Not sent: calls of which a hedge that was due was not sent.'],
    checks: parts.flatMap((part) => part.checks),
    records: rows.map(recordOf),
  };
}
