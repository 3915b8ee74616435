import { Hedger, type HedgerOptions } from '@hedgerow/core';
import { sorted, type Sorted } from '#cli/demo/percentiles.js';
import type { Setting } from '../support/benchmark.js';
import type { Driver } from '../support/drivers.js';
import { LANE, measure, type Measured } from '../support/measure.js';
import type { Servers } from '../support/server/process.js';
import { drawnLatencies, Lag } from './lag.js';
import { Ledger } from './ledger.js';

/** Where hedges are counted: a client, a traffic, a machine and a policy. */
export interface Place {
  readonly driver: Driver;
  readonly inFlight: number;
  /** Whether a process occupies each processor meanwhile. */
  readonly isCrowded: boolean;
  readonly policy: Policy;
}

export interface Policy {
  readonly name: string;
  readonly options: HedgerOptions;
  /** Hedges per call that it plans for, 0 to 1, when it knows so many calls. */
  readonly planned: (samples: number) => number;
}

export interface Sizes {
  readonly requests: number;
  readonly warmup: number;
  readonly rounds: number;
}

/** What a client did without hedges, and what it did with them, in turns. */
export interface Spent {
  readonly plain: Sorted;
  readonly hedged: Sorted;
  /** Calls with hedging that counted. */
  readonly calls: number;
  /** Hedges that were planned, per call. */
  readonly planned: number;
  /** Hedges that the server received, per call. */
  readonly sent: number;
  /** Calls that still ran when their hedge was due by the plan, as a share. */
  readonly due: number;
  /** Hedges that were due and not permitted, per call and reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Processor time of the client with hedging, as a share of one processor. */
  readonly processor: number;
  /** Share of the processors that other processes took. */
  readonly others: number;
  /** By how much longer calls with hedging took than their server was told to, in milliseconds; of calls too short to be hedged. */
  readonly lagsMs: readonly number[];
  /** How much copies seem to share the fate of their primaries; in truth they do not. */
  readonly correlation: number | undefined;
}

/** Plain and hedged rounds by turns, each with latencies of its own, so that what else the machine does meets both. */
export async function spend(place: Place, servers: Servers, sizes: Sizes, { seed, signal, tick }: Pick<Setting<never>, 'seed' | 'signal'> & { readonly tick: () => void }): Promise<Spent> {
  const { driver, inFlight, policy } = place;
  const ledger = new Ledger();
  const hedger = new Hedger({ ...policy.options, onComplete: (event) => ledger.see(event) });
  using plainClient = driver.open(servers, LANE, undefined);
  using hedgedClient = new Lag(driver.open(servers, LANE, hedger), drawnLatencies(seed));
  const round = (number: number, requests: number, isHedged: boolean): Promise<Measured> =>
    measure(isHedged ? hedgedClient : plainClient, isHedged ? hedger : undefined, { servers, seed: seed + number, warmup: 0, requests, inFlight, signal, onAnswer: tick });
  await round(0, sizes.warmup, true);
  ledger.clear();
  hedgedClient.samplesMs.length = 0;
  const planned: number[] = [];
  const plain: Measured[] = [];
  const hedged: Measured[] = [];
  for (let number = 1; number <= sizes.rounds; number++) {
    const requests = Math.ceil(sizes.requests / sizes.rounds);
    plain.push(await round(number, Math.ceil(requests / 2), false));
    hedgedClient.meet(seed + number);
    hedged.push(await round(number, requests, true));
    planned.push(policy.planned(hedger.routes()[0]?.samples ?? 0));
  }
  const calls = hedged.reduce((sum, { latencies }) => sum + latencies.length, 0);
  return {
    plain: pool(plain),
    hedged: pool(hedged),
    calls,
    planned: planned.reduce((sum, share) => sum + share, 0) / planned.length,
    sent: mean(hedged, ({ extraLoad }) => extraLoad),
    due: ledger.dueShare,
    refused: refusedPerCall(hedged, calls),
    processor: mean(hedged, ({ processor }) => processor),
    others: mean(hedged, ({ others }) => others),
    lagsMs: hedgedClient.samplesMs,
    correlation: hedger.routes()[0]?.correlation,
  };
}

function pool(runs: readonly Measured[]): Sorted {
  return sorted(Float64Array.from(runs.flatMap(({ latencies }) => [...latencies])));
}

function mean(runs: readonly Measured[], of: (run: Measured) => number): number {
  return runs.reduce((sum, run) => sum + of(run), 0) / runs.length;
}

function refusedPerCall(runs: readonly Measured[], calls: number): Record<string, number> {
  const shares: Record<string, number> = {};
  for (const { suppressions } of runs) for (const [reason, count] of Object.entries(suppressions)) shares[reason] = (shares[reason] ?? 0) + count / calls;
  return shares;
}
