import type { HedgerStats } from '@hedgerow/core';
import type { Cluster } from '../cluster/types.js';
import { openClient, type DemoClient } from './clients.js';
import { drive } from './load.js';
import type { ClientName, DemoOptions } from './options.js';
import { quantile, sorted, type Sorted } from './percentiles.js';

/** What one run showed. */
export interface Run {
  readonly client: ClientName;
  readonly hedged: boolean;
  readonly latencies: Sorted;
  /** How long the run took, in milliseconds. */
  readonly durationMs: number;
  /** Requests that the servers received beyond the calls made, as a share of the calls. */
  readonly extraLoad: number;
  /** Share of calls with a hedge, 0 to 1; `undefined` without hedging. */
  readonly hedgeRate: number | undefined;
  /** Hedges that were due and that the budget refused; `undefined` without hedging. */
  readonly refused: number | undefined;
}

/** What a run needs. */
export interface RunContext {
  readonly cluster: Cluster;
  readonly options: Pick<DemoOptions, 'requests' | 'warmup' | 'concurrency'>;
  readonly signal: AbortSignal;
  /** Called with the number of requests answered so far, warm-up included. */
  readonly onProgress: (answered: number) => void;
  /** Called with the client, warm, before it is closed. */
  readonly onWarmClient?: (client: DemoClient) => Promise<void>;
}

/** Warms a client up, then measures it from the first arrival of the cluster's latency sequence on. */
export async function measure(name: ClientName, hedged: boolean, context: RunContext): Promise<Run> {
  const { cluster, options, signal, onProgress } = context;
  const { concurrency, requests, warmup } = options;
  using client = openClient(name, hedged, cluster);
  let answered = 0;
  const load = { concurrency, signal, onAnswer: () => onProgress(++answered) };

  await drive(client.get, { ...load, requests: warmup });
  await cluster.reset();
  const before = client.stats();
  const start = performance.now();
  const latencies = await drive(client.get, { ...load, requests });
  const durationMs = performance.now() - start;
  const { backends } = await cluster.settled();
  const received = backends.reduce((sum, backend) => sum + backend.received, 0);
  const after = client.stats();

  await context.onWarmClient?.(client);
  return {
    client: name,
    hedged,
    latencies: sorted(latencies),
    durationMs,
    extraLoad: received / requests - 1,
    hedgeRate: before && after && (after.hedged - before.hedged) / requests,
    refused: before && after && refusedBy(after) - refusedBy(before),
  };
}

/** A client's two runs side by side. */
export interface Comparison {
  readonly plain: Run;
  readonly hedged: Run;
  /** p99 without hedging, in milliseconds. */
  readonly beforeMs: number;
  /** p99 with hedging, in milliseconds. */
  readonly afterMs: number;
}

export function compare(runs: readonly Run[]): Comparison[] {
  return runs.flatMap((hedged) => {
    const plain = runs.find((run) => run.client === hedged.client && !run.hedged);
    if (!hedged.hedged || !plain) return [];
    return [{ plain, hedged, beforeMs: quantile(plain.latencies, 0.99), afterMs: quantile(hedged.latencies, 0.99) }];
  });
}

/** By the budget, spent or held back. */
function refusedBy({ suppressions }: HedgerStats): number {
  return suppressions.budget_exhausted + suppressions.overload;
}
