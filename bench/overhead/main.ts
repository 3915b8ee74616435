import { mainAlone, type Setting } from '../support/benchmark.js';
import { atAnyLength, atLeast, atMost, formatRatio, type Check, type Outcome } from '../support/outcome.js';
import { tableOf } from '../support/table.js';
import { openClients, type ClientSides } from './clients.js';
import { bytesPerKey } from './memory.js';
import { startRecording } from './recording.js';
import { compare, type Comparison, type Side } from './rounds.js';
import { byHand, throughHedger } from './scheduler.js';

type Sizes = 'rounds' | 'callRounds';

const CALLS_PER_ROUND = 20_000;
const REQUESTS_PER_ROUND = 400;
/** What is reached on the reference workload, hedged ÷ plain. */
const LEAST_RATIO = { 'no SDK': 0.95, 'SDK recording': 0.85 } as const;
const MOST_TIME = 1.5;
const MOST_BYTES = 32 * 1_024;

interface Row {
  readonly what: string;
  readonly medians: string;
  readonly figure: string;
  /** A {@link Check}, or what a hedge written by hand gives in the same run. */
  readonly against: Check | string;
}

await mainAlone<Sizes>({
  name: 'overhead',
  description: 'What hedging costs where it does nothing: calls that are not hedged, against plain ones and against a hedge written by hand.',
  isPublished: false,
  sizes: {
    rounds: { what: `pairs of rounds of ${REQUESTS_PER_ROUND} requests for each row`, full: 40, quick: 4 },
    callRounds: { what: 'pairs of rounds of 20,000 calls of the scheduler', full: 30, quick: 4 },
  },
  run: measure,
});

async function measure(setting: Setting<Sizes>): Promise<Outcome> {
  const rows = [await scheduler(setting), ...(await overHttp(setting)), await memory()];
  return {
    table: tableOf(rows, {
      what: ({ what }) => what,
      medians: ({ medians }) => medians,
      figure: ({ figure }) => figure,
      'bound or comparison': ({ against }) => (typeof against === 'string' ? against : against.bound),
    }),
    notes: [
      'reference: answers as slow as the reference workload, 20 in flight; saturated: answers at once, so that the client’s processor is the limit.',
      'by hand: a promise, a timer and an AbortController per request, no budget and no memory; with an SDK one span more and no metrics.',
      'Ratios are medians over rounds of neighbours within this run; absolute times are this machine’s.',
    ],
    checks: rows.flatMap(({ against }) => (typeof against === 'string' ? [] : [against])),
    records: rows.map(({ what, medians, figure }) => ({ what, medians, figure })),
  };
}

async function scheduler(setting: Setting<Sizes>): Promise<Row> {
  const size = { rounds: setting.sizes.callRounds, count: CALLS_PER_ROUND };
  const { candidateUs, baselineUs, ratio } = await run('Hedger.run against a hand-written hedge', byHand, throughHedger(), size, setting);
  return rowOf(`${candidateUs.toFixed(2)} µs / ${baselineUs.toFixed(2)} µs`, atMost('Hedger.run, not hedged / hand-written hedge, time', ratio, MOST_TIME, formatRatio));
}

async function memory(): Promise<Row> {
  const kilobytes = (bytes: number): string => `${(bytes / 1_024).toFixed(1)} KB`;
  return rowOf('a full window of the reference workload', atAnyLength(atMost('latency memory per tracked key', await bytesPerKey(), MOST_BYTES, kilobytes)));
}

/** First without an SDK: one that was registered would leave its traces. */
async function overHttp(setting: Setting<Sizes>): Promise<Row[]> {
  const { clients, close } = await openClients();
  const rows: Row[] = [];
  try {
    for (const client of clients) rows.push(...(await throughput(client, 'no SDK', client.saturated.byHand, setting)));
    const stopRecording = startRecording();
    for (const client of clients) rows.push(...(await throughput(client, 'SDK recording', client.saturated.byHandTraced, setting)));
    await stopRecording();
  } finally {
    close();
  }
  return rows;
}

/**
 * The bound is for the reference workload. Saturated, any hedge costs more than it leaves: an AbortController and a timer of
 * one's own already do. So that figure stands beside what a hedge written by hand gives in the same run.
 */
async function throughput({ name, reference, saturated }: ClientSides, how: keyof typeof LEAST_RATIO, hand: Side, setting: Setting<Sizes>): Promise<Row[]> {
  const size = { rounds: setting.sizes.rounds, count: REQUESTS_PER_ROUND };
  const against = (what: string, baseline: Side, candidate: Side): Promise<Comparison> => run(`${name} ${what}, ${how}`, baseline, candidate, size, setting);
  const label = (workload: string): string => `${name}: requests per second, hedged / plain, ${workload}, ${how}`;

  const measured = await against('hedged against plain, reference', reference.plain, reference.hedged);
  const written = await against('by hand against plain, saturated', saturated.plain, hand);
  const ours = await against('hedged against plain, saturated', saturated.plain, saturated.hedged);
  return [
    rowOf(perSecond(measured), atLeast(label('reference'), 1 / measured.ratio, LEAST_RATIO[how], formatRatio)),
    { what: label('saturated'), medians: perSecond(ours), figure: formatRatio(1 / ours.ratio), against: `by hand ${formatRatio(1 / written.ratio)}` },
  ];
}

async function run(what: string, baseline: Side, candidate: Side, size: { rounds: number; count: number }, { progress, signal }: Setting<Sizes>): Promise<Comparison> {
  using bar = progress(what, size.rounds);
  return await compare(baseline, candidate, size.rounds, size.count, () => {
    signal.throwIfAborted();
    bar.tick();
  });
}

function rowOf(medians: string, check: Check): Row {
  return { what: check.what, medians, figure: check.figure, against: check };
}

function perSecond({ candidateUs, baselineUs }: Comparison): string {
  return [candidateUs, baselineUs].map((us) => `${Math.round(1e6 / us)}/s`).join(' / ');
}
