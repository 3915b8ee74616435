import { firstToken, Hedger, type ChunkPredicate, type HedgeOptions } from '@hedgerow/core';
import { hedgedFetch } from '@hedgerow/fetch';
import { formatCount, formatMs, formatShare } from '#cli/demo/format.js';
import { quantile } from '#cli/demo/percentiles.js';
import { main, type Context } from '../support/benchmark.js';
import { LOOP_COLUMNS, loopSizes, measureLoop, suppressionsOf, type LoopSizes } from '../support/closed-loop.js';
import type { Endpoints, OpenClient } from '../support/drivers.js';
import { SPOKEN } from '../support/server/protocol.js';
import { saturation } from '../support/machine.js';
import { LANE, type Measured } from '../support/measure.js';
import { atMost, formatRatio, type Check, type Outcome } from '../support/outcome.js';
import { percentileFields } from '../support/percentiles.js';
import { tableOf } from '../support/table.js';

type Sizes = LoopSizes | 'seeds';

const OPTIONS = { delay: { quantile: 0.8 }, budget: { ratio: 0.25 } };
const MOST_OF_P90 = 0.4;
const MOST_EXTRA_LOAD = 0.22;
/** Raced to heads that come at once nothing is slow, but for what the machine itself delays. */
const MOST_WASTED = 0.01;

/** One seed. */
interface Round {
  readonly seed: number;
  readonly plain: Measured;
  readonly firstChunk: Measured;
  readonly headers: Measured;
  /** Of a server that sends a comment and a role beside its head. */
  readonly plainToken: Measured;
  readonly firstToken: Measured;
  readonly tokenByChunk: Measured;
}

await main<Sizes>({
  name: 'first-chunk',
  description: 'A server that sends its head at once and thinks before the first chunk, over fetch and real HTTP on loopback.',
  sizes: {
    ...loopSizes('seed and way', [6_000, 1_000], [500, 200]),
    seeds: { what: 'seeds, one after another', full: 3, quick: 1 },
  },
  run,
});

async function run(context: Context<Sizes>): Promise<Outcome> {
  const rounds: Round[] = [];
  for (let seed = context.seed; seed < context.seed + context.sizes.seeds; seed++) {
    rounds.push({
      seed,
      plain: await measureWay(undefined, seed, context),
      firstChunk: await measureWay('firstChunk', seed, context),
      headers: await measureWay('headers', seed, context),
      plainToken: await measureWay(undefined, seed, context, SPOKEN),
      firstToken: await measureWay({ until: firstToken() }, seed, context, SPOKEN),
      tokenByChunk: await measureWay('firstChunk', seed, context, SPOKEN),
    });
  }
  const runs = rounds.flatMap(({ seed, plain, firstChunk, headers, plainToken, firstToken, tokenByChunk }) => [
    { name: `seed ${seed}, not hedged`, seed, way: 'plain', measured: plain },
    { name: `seed ${seed}, raced to the first chunk`, seed, way: 'firstChunk', measured: firstChunk },
    { name: `seed ${seed}, raced to the headers`, seed, way: 'headers', measured: headers },
    { name: `seed ${seed}, tokens, not hedged`, seed, way: 'plainToken', measured: plainToken },
    { name: `seed ${seed}, tokens, raced to the first token`, seed, way: 'firstToken', measured: firstToken },
    { name: `seed ${seed}, tokens, raced to the first chunk`, seed, way: 'tokenByChunk', measured: tokenByChunk },
  ]);
  return {
    table: tableOf(runs, { 'to the first chunk or token': ({ name }) => name, ...LOOP_COLUMNS }),
    notes: ['Milliseconds up to the first chunk; of tokens, which follow a comment and a role that come with the head, up to the first. Extra load: requests that the server received beyond the calls made. Refused: hedges that were due and were not sent.'],
    checks: rounds.flatMap(checksOf),
    records: runs.map(({ seed, way, measured: { latencies, extraLoad, refused, busy, others } }) => {
      return { seed, way, ...percentileFields(latencies), extraLoad, refused, clientBusy: busy, otherProcesses: others };
    }),
    details: { suppressions: suppressionsOf(runs) },
    warnings: saturation(runs),
  };
}

async function measureWay(raceUntil: HedgeOptions['raceUntil'], seed: number, context: Context<Sizes>, query = ''): Promise<Measured> {
  const hedger = raceUntil && new Hedger({ ...OPTIONS, raceUntil });
  using client = open(context.servers, hedger, query);
  const way = typeof raceUntil === 'object' ? 'first token' : (raceUntil ?? 'not hedged');
  return await measureLoop({ label: `seed ${seed}${query}, ${way}`, client, hedger, seed, thinks: true }, context);
}

/** A call ends with its first chunk, or with that of its first token. */
function open({ url }: Endpoints, hedger: Hedger | undefined, query: string): OpenClient {
  const send = hedger ? hedgedFetch({ hedger }) : fetch;
  return {
    call: async (number) => {
      const body = (await send(`${url}/${LANE}/${number}${query}`)).body as ReadableStream<Uint8Array> | null;
      const reader = body?.getReader();
      await readToFirst(reader, query === SPOKEN ? firstToken() : () => true);
      void readOn(reader);
    },
    [Symbol.dispose]: () => hedger?.dispose(),
  };
}

async function readToFirst(reader: ReadableStreamDefaultReader<Uint8Array> | undefined, until: ChunkPredicate): Promise<void> {
  const stream = {};
  for (;;) {
    const { value } = (await reader?.read()) ?? {};
    if (value === undefined) throw new Error('it never came');
    if (until(value, stream)) return;
  }
}

/** To the end, so that the connection is free again. */
async function readOn(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<void> {
  while ((await reader?.read())?.done === false);
}

function checksOf({ seed, plain, firstChunk, headers, plainToken, firstToken, tokenByChunk }: Round): Check[] {
  const p90 = ({ latencies }: Measured): number => quantile(latencies, 0.9);
  return [
    atMost(`seed ${formatCount(seed)}: p90 to the first chunk (${formatMs(p90(firstChunk))} ms), hedged / not hedged`, p90(firstChunk) / p90(plain), MOST_OF_P90, formatRatio),
    atMost(`seed ${formatCount(seed)}: extra load`, firstChunk.extraLoad, MOST_EXTRA_LOAD, formatShare),
    atMost(`seed ${formatCount(seed)}: extra load raced to the headers`, headers.extraLoad, MOST_WASTED, formatShare),
    atMost(`seed ${formatCount(seed)}: p90 to the first token (${formatMs(p90(firstToken))} ms), hedged / not hedged`, p90(firstToken) / p90(plainToken), MOST_OF_P90, formatRatio),
    atMost(`seed ${formatCount(seed)}: extra load raced to the first token`, firstToken.extraLoad, MOST_EXTRA_LOAD, formatShare),
    atMost(`seed ${formatCount(seed)}: extra load of tokens raced to the first chunk`, tokenByChunk.extraLoad, MOST_WASTED, formatShare),
  ];
}
