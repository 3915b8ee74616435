import { cpus, release, totalmem, type as systemName } from 'node:os';
import { watchProcessors } from '#cli/demo/machine.js';
import type { Servers } from './server/process.js';

/** Above this share of its time a client's event loop is the bottleneck, and latencies are those of waiting for it. */
const SATURATED = 0.9;

/** What the run was made on. */
export function machineFacts(): readonly string[] {
  const processors = cpus();
  return [
    `${processors.length} × ${processors[0]?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(totalmem() / 2 ** 30)} GB`,
    `${systemName()} ${release()}`,
    `Node ${process.versions.node}`,
  ];
}

/** Starts to watch the processors; the function returned says which share of them neither we nor the servers have taken since. */
export async function watchOthers(servers: Servers): Promise<() => Promise<number>> {
  const { processorMs: before } = await servers.tell({ name: 'settled' });
  const othersAndServers = watchProcessors();
  const startMs = performance.now();
  return async () => {
    const { processorMs } = await servers.tell({ name: 'settled' });
    const serverShare = (processorMs - before) / ((performance.now() - startMs) * cpus().length);
    return Math.max(0, othersAndServers() - serverShare);
  };
}

/** What to say of clients that had no time left. */
export function saturation(runs: readonly { readonly name: string; readonly measured: { readonly busy: number } }[]): string[] {
  return runs
    .filter(({ measured }) => measured.busy > SATURATED)
    .map(({ name, measured }) => `${name}: the client’s event loop was busy for ${Math.round(measured.busy * 100)} % of the time; its latencies contain waiting for itself.`);
}
