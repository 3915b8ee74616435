import { getEventListeners } from 'node:events';
import { memoryUsage } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { callAll, type Scenario } from './scenario.js';

/** Shares of a scenario's calls after which the heap is measured; the first is the warm-up that the others are compared with. */
export const CHECKPOINTS = [0.1, 0.25, 0.5, 0.75, 1] as const;

/** How much the heap may grow between the warm-up and any later checkpoint. */
const MOST_GROWTH = 0.1;

/** What a scenario left behind. */
export interface Findings {
  readonly name: string;
  readonly calls: number;
  readonly hedges: number;
  readonly aborted: number;
  /** Bytes after garbage collection, at each of {@link CHECKPOINTS}. */
  readonly heap: readonly number[];
  /** The largest later heap over the one after warm-up, minus 1. */
  readonly growth: number;
  readonly listeners: number;
  readonly keys: number;
  readonly maxKeys: number;
  readonly sockets: number;
  readonly timers: number;
  readonly seconds: number;
  /** What is wrong; empty if all is well. */
  readonly violations: readonly string[];
}

/** Runs a scenario to its end and looks for leftovers. */
export async function measure(scenario: Scenario, progress: (done: number) => void): Promise<Findings> {
  const { name, calls, hedger, signal, maxKeys } = scenario;
  const startedAt = performance.now();
  const heap: number[] = [];
  const step = Math.ceil(calls / 100);
  let checkpoint = 0;
  for (let done = 0; done < calls; ) {
    const until = Math.min(done + step, calls);
    await callAll(scenario, done, until);
    done = until;
    progress(done / calls);
    if (done >= calls * (CHECKPOINTS[checkpoint] ?? 1)) {
      heap.push(await collectedHeap());
      checkpoint++;
    }
  }
  const leftovers = (await scenario.leftovers?.()) ?? [];
  const listeners = getEventListeners(signal, 'abort').length;
  const { attempts, cancelled, keys, activeHedges } = hedger.stats();
  await scenario.close();
  const sockets = await lingering('TCPSocketWrap');
  const timers = await lingering('Timeout');
  const [warm = NaN, ...later] = heap;
  const growth = Math.max(...later) / warm - 1;
  const violations = [
    ...leftovers,
    growth <= MOST_GROWTH ? '' : `the heap grew by more than ${MOST_GROWTH * 100} %`,
    listeners === 0 ? '' : 'listeners are left on the signal',
    keys <= maxKeys ? '' : 'more keys than maxKeys',
    activeHedges === 0 ? '' : 'hedges are still under way',
    sockets === 0 ? '' : 'sockets are open',
    timers === 0 ? '' : 'timers are set',
    attempts.hedge > 0 && cancelled > 0 ? '' : 'nothing was hedged or aborted: the scenario proves nothing',
  ].filter((violation) => violation !== '');
  const seconds = (performance.now() - startedAt) / 1_000;
  return { name, calls, hedges: attempts.hedge, aborted: cancelled, heap, growth, listeners, keys, maxKeys, sockets, timers, seconds, violations };
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

/** How many resources of a type still keep the process alive; waits up to two seconds for them to go. */
async function lingering(type: string): Promise<number> {
  for (let round = 0; ; round++) {
    const count = process.getActiveResourcesInfo().filter((resource) => resource === type).length;
    if (count === 0 || round === 100) return count;
    await new Promise((resolve) => setImmediate(resolve));
    if (round > 20) await sleep(20);
  }
}
