import { readdirSync } from 'node:fs';
import { getEventListeners } from 'node:events';
import { memoryUsage } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SoakClient } from './client.js';
import type { Contexts } from './contexts.js';
import type { Ledger } from './ledger.js';

/** What there is when nothing is under way. */
export interface Leftovers {
  /** After garbage collection. */
  readonly heapBytes: number;
  readonly sockets: number;
  readonly timers: number;
  readonly files: number;
  readonly listeners: number;
  readonly attempts: number;
  /** What calls knew of themselves in their contexts, and somebody still holds. */
  readonly stores: number;
}

/** Where to look. */
export interface Traces {
  readonly clients: readonly SoakClient[];
  readonly ledger: Ledger;
  readonly contexts: Contexts;
  readonly signal: AbortSignal;
}

export const COUNTED = ['sockets', 'timers', 'files', 'listeners', 'attempts'] as const satisfies (keyof Leftovers)[];

const PATIENCE_MS = 12_000;
/** How much the heap may grow between the first third of a soak and the last. */
const MOST_GROWTH = 0.1;
/** Contexts that Node, its clients and their pools are in when nothing is under way: those of whoever came last. */
const MOST_STORES = 100;

/** Counts what is there; waits a while for it to come down to `usual`, because closed connections take time to be seen as such. */
export async function leftovers(traces: Traces, usual: Leftovers | undefined): Promise<Leftovers> {
  const startedAt = performance.now();
  for (;;) {
    const heapBytes = await collectedHeap();
    const now = { heapBytes, ...count(traces) };
    const isDown = COUNTED.every((name) => now[name] <= (usual?.[name] ?? Infinity));
    if (isDown || performance.now() - startedAt > PATIENCE_MS) return now;
  }
}

function count({ clients, ledger: { totals }, contexts, signal }: Traces): Omit<Leftovers, 'heapBytes'> {
  const resources = process.getActiveResourcesInfo();
  const active = clients.reduce((sum, { hedger }) => sum + hedger.stats().activeHedges, 0);
  return {
    sockets: resources.filter((type) => type === 'TCPSocketWrap' || type === 'TLSWrap').length,
    timers: resources.filter((type) => type === 'Timeout').length,
    files: readdirSync('/proc/self/fd').length,
    listeners: getEventListeners(signal, 'abort').length,
    attempts: totals.started - totals.ended + totals.calls - totals.ends + active,
    stores: contexts.alive,
  };
}

/** Bytes of the heap once nothing more can be collected. */
async function collectedHeap(): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('run with node --expose-gc');
  for (let round = 0; round < 4; round++) {
    await sleep(20); // finalizers and weak references are cleared between collections
    gc();
  }
  return memoryUsage().heapUsed;
}

/** The last third of the rounds against the first, its first round left out: that is the warm-up. */
export function heapGrowth(rounds: readonly Leftovers[]): number {
  const third = Math.max(1, Math.floor(rounds.length / 3));
  const most = (some: readonly Leftovers[]): number => Math.max(...some.map(({ heapBytes }) => heapBytes));
  return most(rounds.slice(-third)) / most(rounds.slice(1, 1 + third)) - 1;
}

/** What leaked. The second round is what later ones are held against: the first loads what is loaded on demand. */
export function leaks(rounds: readonly Leftovers[]): string[] {
  const usual = rounds[1];
  if (usual === undefined) return ['too few rounds to tell'];
  const grown = COUNTED.filter((name) => rounds.slice(2).some((round) => round[name] > usual[name])).map(
    (name) => `${name} after each round: ${rounds.map((round) => round[name]).join(', ')}`,
  );
  const standing = (['sockets', 'listeners', 'attempts'] as const).filter((name) => usual[name] > 0).map((name) => `${name} are left when nothing is under way: ${usual[name]}`);
  const growth = heapGrowth(rounds);
  const stores = rounds.some((round) => round.stores > MOST_STORES) ? [`contexts are held when nothing is under way: ${rounds.map((round) => round.stores).join(', ')}`] : [];
  return [...grown, ...standing, ...stores, ...(growth <= MOST_GROWTH ? [] : [`the heap grew by ${(growth * 100).toFixed(1)} %`])];
}
