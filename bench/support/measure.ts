import type { Hedger, HedgerStats } from '@hedgerow/core';
import { drive } from '#cli/demo/load.js';
import { sorted, type Sorted } from '#cli/demo/percentiles.js';
import type { OpenClient } from './drivers.js';
import { watchOthers } from './machine.js';
import type { Servers } from './server/process.js';

/** What a closed loop showed. */
export interface Measured {
  readonly latencies: Sorted;
  readonly requestsPerSecond: number;
  /** Requests that the servers received beyond the calls made, as a share of the calls. */
  readonly extraLoad: number;
  /** Hedges that were due and were not sent, as a share of those that were due. */
  readonly refused: number;
  /** How many, by reason. */
  readonly suppressions: Readonly<Record<string, number>>;
  /** Share of the time in which the client's event loop was busy, 0 to 1. */
  readonly busy: number;
  /** Processor time of the client's process, as a share of one processor. */
  readonly processor: number;
  /** Share of the processors that other processes took, 0 to 1. */
  readonly others: number;
}

/** What is measured, and how much of it. */
export interface Measurement {
  readonly servers: Servers;
  readonly seed: number;
  /** Whether the servers send heads at once and think about bodies. */
  readonly thinks?: boolean;
  /** Calls that come first and do not count; a hedged client learns from them. */
  readonly warmup: number;
  readonly requests: number;
  readonly inFlight: number;
  readonly signal: AbortSignal;
  readonly onAnswer: () => void;
}

/** What calls of a closed loop are counted under. */
export const LANE = 'items';

/** Sends calls 0, 1, 2, … in a closed loop: each when one before it has been answered. */
export async function measure(client: OpenClient, hedger: Hedger | undefined, plan: Measurement): Promise<Measured> {
  const { servers, warmup, requests, signal, onAnswer } = plan;
  const load = { concurrency: plan.inFlight, signal, onAnswer };
  let number = 0;
  const send = (): Promise<unknown> => client.call(number++);
  const received = async (): Promise<number> => (await servers.tell({ name: 'settled' })).received[LANE] ?? 0;

  await servers.tell({ name: 'begin', workload: { seed: plan.seed, thinks: plan.thinks ?? false } });
  await drive(send, { ...load, requests: warmup });
  const receivedBefore = await received();
  const before = hedger?.stats();
  const others = await watchOthers(servers);
  const loop = performance.eventLoopUtilization();
  const processor = process.cpuUsage();
  const startMs = performance.now();
  const latencies = await drive(send, { ...load, requests });
  const seconds = (performance.now() - startMs) / 1_000;
  const { user, system } = process.cpuUsage(processor);
  const { utilization } = performance.eventLoopUtilization(loop);
  const after = hedger?.stats();
  const sent = (after?.attempts.hedge ?? 0) - (before?.attempts.hedge ?? 0);
  const refused = heldBack(after) - heldBack(before);
  return {
    latencies: sorted(latencies),
    requestsPerSecond: requests / seconds,
    extraLoad: ((await received()) - receivedBefore) / requests - 1,
    refused: refused === 0 ? 0 : refused / (refused + sent),
    suppressions: difference(after?.suppressions, before?.suppressions),
    busy: utilization,
    processor: (user + system) / 1e6 / seconds,
    others: await others(),
  };
}

/** Hedges that were due and not sent; during warm-up none is due. */
export function heldBack(stats: HedgerStats | undefined): number {
  if (stats === undefined) return 0;
  return Object.values(stats.suppressions).reduce((sum, count) => sum + count, -stats.suppressions.warmup);
}

/** What was counted meanwhile; what was not counted at all is left out. */
function difference(after: Readonly<Record<string, number>> = {}, before: Readonly<Record<string, number>> = {}): Record<string, number> {
  const entries = Object.entries(after).map(([reason, count]) => [reason, count - (before[reason] ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, count]) => count > 0));
}
