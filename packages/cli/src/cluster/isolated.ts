import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Answer, Command, Hello, Question, WorkerOptions } from './protocol.js';
import type { Cluster, ClusterCounts } from './types.js';

const ENDS_WITHIN_MS = 2_000;

/** Starts the servers in a thread of their own. Throws like `startCluster`. */
export async function startIsolatedCluster(options: WorkerOptions): Promise<Cluster> {
  const worker = new Worker(new URL('worker.js', import.meta.url), { workerData: options });
  const [hello] = (await once(worker, 'message')) as [Hello];
  if ('error' in hello) {
    await worker.terminate();
    throw hello.error;
  }
  const ask = questions(worker);
  const stop = async () => {
    const ended = once(worker, 'exit');
    await ask('close');
    // The thread ends by itself, once its instrumentation, if it has any, has sent what it knows.
    const timer = setTimeout(() => void worker.terminate(), ENDS_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  };
  let stopping: Promise<void> | undefined;
  const close = () => (stopping ??= stop());
  return {
    ...hello,
    counts: () => ask('counts').then(present),
    settled: () => ask('settled').then(present),
    reset: async () => {
      await ask('reset');
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Sends commands to the worker and matches its answers to them. */
function questions(worker: Worker): (command: Command) => Promise<ClusterCounts | undefined> {
  interface Pending {
    readonly resolve: (counts: ClusterCounts | undefined) => void;
    readonly reject: (reason: Error) => void;
  }
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let failure: Error | undefined;
  const fail = (reason: Error) => {
    failure ??= reason;
    for (const { reject } of pending.values()) reject(failure);
    pending.clear();
  };
  worker.on('message', ({ id, counts }: Answer) => {
    pending.get(id)?.resolve(counts);
    pending.delete(id);
  });
  worker.once('error', fail);
  worker.once('exit', () => fail(new Error('the cluster is closed')));
  return (command) =>
    new Promise((resolve, reject) => {
      if (failure) {
        reject(failure);
        return;
      }
      const id = ++lastId;
      pending.set(id, { resolve, reject });
      worker.postMessage({ id, command } satisfies Question);
    });
}

function present(counts: ClusterCounts | undefined): ClusterCounts {
  if (!counts) throw new Error('the cluster answered without counts');
  return counts;
}
