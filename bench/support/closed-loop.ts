import type { Hedger } from '@hedgerow/core';
import { formatShare } from '#cli/demo/format.js';
import type { Context, Size } from './benchmark.js';
import type { OpenClient } from './drivers.js';
import { measure, type Measured, type Measurement } from './measure.js';
import { percentileColumns } from './percentiles.js';
import type { Columns } from './table.js';

/** How much of a closed loop is measured. */
export type LoopSizes = 'requests' | 'warmup' | 'concurrency';

/** A full and a quick run's number. */
type FullAndQuick = readonly [full: number, quick: number];

/** @param each - what is measured so often: `policy`. */
export function loopSizes(each: string, requests: FullAndQuick, warmup: FullAndQuick): Readonly<Record<LoopSizes, Size>> {
  return {
    requests: { what: `measured requests per ${each}`, full: requests[0], quick: requests[1] },
    warmup: { what: 'requests before them, which do not count', full: warmup[0], quick: warmup[1] },
    concurrency: { what: 'in flight at any time', full: 20, quick: 20 },
  };
}

/** A client that is measured, and what to call it. */
export interface Loop extends Partial<Pick<Measurement, 'seed' | 'thinks'>> {
  readonly label: string;
  readonly client: OpenClient;
  readonly hedger: Hedger | undefined;
}

/** Measures a client as the command line asks, with a progress bar. */
export async function measureLoop({ label, client, hedger, ...rest }: Loop, context: Context<LoopSizes>): Promise<Measured> {
  const { servers, seed, signal } = context;
  const { requests, warmup, concurrency: inFlight } = context.sizes;
  using bar = context.progress(label, warmup + requests);
  return await measure(client, hedger, { servers, seed, warmup, requests, inFlight, signal, onAnswer: bar.tick, ...rest });
}

/** What was measured, with a name. */
export interface Run {
  readonly name: string;
  readonly measured: Measured;
}

/** Percentiles and what they cost. */
export const LOOP_COLUMNS: Columns<Pick<Run, 'measured'>> = {
  ...percentileColumns(({ measured }) => measured.latencies),
  'extra load': ({ measured }) => formatShare(measured.extraLoad),
  refused: ({ measured }) => formatShare(measured.refused),
};

/** Hedges that were not sent, by run and reason. */
export function suppressionsOf(runs: readonly Run[]): Readonly<Record<string, Measured['suppressions']>> {
  return Object.fromEntries(runs.map(({ name, measured }) => [name, measured.suppressions]));
}
