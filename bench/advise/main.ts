import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatMs, formatShare } from '#cli/demo/format.js';
import { quantile } from '#cli/demo/percentiles.js';
import type { ServiceTime } from 'hedgerow';
import { run } from '../simulate/run.js';
import { mainAlone, type Setting } from '../support/benchmark.js';
import { atAnyLength, atMost, formatSeconds, type Check, type Outcome } from '../support/outcome.js';
import { tableOf } from '../support/table.js';
import { advise, type Advised } from './child.js';
import { draw, FORMS, write } from './files.js';

type Sizes = 'latencies' | 'calls' | 'concurrency';

/** What reading and advising may take, and by how much a prediction may miss. Other processes can only make times longer, which the bounds allow for. */
const BOUNDS = { seconds: 60, bytes: 200e6, p99Share: 0.05, loadPoints: 0.005 } as const;

interface Row extends Advised {
  readonly form: string;
  readonly fileBytes: number;
}

await mainAlone<Sizes>({
  name: 'advise',
  description: 'hedgerow advise on a large file: time, memory, and its prediction for the default options against a simulation on the very same latencies.',
  sizes: {
    latencies: { what: 'latencies', full: 10_000_000, quick: 1_000_000 },
    calls: { what: 'simulated calls', full: 1_000_000, quick: 100_000 },
    concurrency: { what: 'of them in flight', full: 20, quick: 20 },
  },
  run: measure,
});

async function measure(setting: Setting<Sizes>): Promise<Outcome> {
  const { calls, concurrency: inFlight, latencies: count } = setting.sizes;
  const measured = draw(count, setting.seed);
  const rows = await adviseOnAll(measured, setting);
  const hedged = await run('simulation', { seed: setting.seed, calls, service: drawnFrom(measured), arrivals: { kind: 'closed', inFlight } }, setting);
  const simulatedMs = quantile(hedged.latencies, 0.99);
  return {
    table: tableOf(rows, {
      file: (row) => row.form,
      MB: (row) => megabytes(row.fileBytes),
      time: (row) => formatSeconds(row.seconds),
      'processor time': (row) => formatSeconds(row.processorSeconds),
      'peak memory': (row) => `${megabytes(row.peakBytes)} MB`,
      'p99 predicted': (row) => formatMs(row.p99Ms),
      'p99 simulated': () => formatMs(simulatedMs),
      'load predicted': (row) => formatShare(row.extraLoad),
      'load simulated': () => formatShare(hedged.extraLoad),
    }),
    notes: ['Time is of the whole command, report included. The simulation draws from the latencies themselves, not from what the command made of them.'],
    checks: rows.flatMap((row) => judge(row, simulatedMs, hedged.extraLoad)),
    records: rows.map((row) => ({ ...row, simulatedP99Ms: simulatedMs, simulatedExtraLoad: hedged.extraLoad })),
  };
}

async function adviseOnAll(measured: Float64Array, { progress, signal }: Setting<Sizes>): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), 'hedgerow-advise-'));
  const rows: Row[] = [];
  try {
    for (const form of FORMS) {
      const file = join(directory, 'latencies');
      {
        using bar = progress(`writing ${form.name}`, measured.length);
        await write(file, form, measured, (done) => bar.update(done));
      }
      signal.throwIfAborted();
      const { size: fileBytes } = await stat(file);
      rows.push({ form: form.name, fileBytes, ...(await advise(file, signal)) });
    }
    return rows;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function drawnFrom(measured: Float64Array): ServiceTime {
  return {
    meanMs: measured.reduce((sum, ms) => sum + ms, 0) / measured.length,
    draw: (random) => measured[Math.floor(random() * measured.length)] ?? 0,
  };
}

function judge({ extraLoad, form, p99Ms, peakBytes, seconds }: Row, simulatedMs: number, simulatedLoad: number): Check[] {
  return [
    atMost(`${form}: time`, seconds, BOUNDS.seconds, formatSeconds),
    atAnyLength(atMost(`${form}: peak memory`, peakBytes, BOUNDS.bytes, (bytes) => `${megabytes(bytes)} MB`)),
    atAnyLength(atMost(`${form}: p99 off the simulation`, Math.abs(simulatedMs / p99Ms - 1), BOUNDS.p99Share, formatShare)),
    atAnyLength(atMost(`${form}: extra load off the simulation`, Math.abs(simulatedLoad - extraLoad), BOUNDS.loadPoints, formatShare)),
  ];
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
