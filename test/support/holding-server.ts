import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { until } from './wait.js';

/** Where {@link HoldingServer} and its worker count, as places in a shared Int32Array. */
export const Count = { received: 0, answered: 1 } as const;

/** What the worker is told. */
export type HoldingCommand = 'answer' | 'close';

/** What the worker is started with. */
export interface HoldingWorkerData {
  readonly held: number;
  readonly counts: Int32Array;
}

/** A server on a thread of its own: it can answer while the test's thread is blocked. */
export interface HoldingServer {
  readonly origin: string;
  /** Requests received so far. */
  readonly received: number;
  /** Resolves once the requests to hold have all arrived. */
  allHeld(): Promise<void>;
  /**
   * Blocks this thread for at least `ms`, and until every held request has been answered into its socket. Requests that come
   * later are answered at once.
   */
  answerWhileBlocked(ms: number): void;
  close(): Promise<void>;
}

/** Starts a {@link HoldingServer} that holds the first `held` requests. `program` is what runs on its thread, by default over HTTP. */
export async function startHoldingServer(held: number, program = './holding-worker.js'): Promise<HoldingServer> {
  const counts = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const workerData: HoldingWorkerData = { held, counts };
  const worker = new Worker(new URL(program, import.meta.url), { workerData });
  const tell = (command: HoldingCommand): void => worker.postMessage(command);
  const [port] = (await once(worker, 'message')) as [number];

  return {
    origin: `http://127.0.0.1:${port}`,
    get received() {
      return Atomics.load(counts, Count.received);
    },
    allHeld: () => until(`${held} requests are held`, () => Atomics.load(counts, Count.received) >= held),
    answerWhileBlocked(ms) {
      tell('answer');
      const from = performance.now();
      const elapsed = (): number => performance.now() - from;
      const answered = (): number => Atomics.load(counts, Count.answered);
      while (elapsed() < ms || (answered() < held && elapsed() < 5_000)) {
        Atomics.wait(counts, Count.answered, answered(), 1); // sleeps without giving the event loop a turn
      }
    },
    async close() {
      const ended = once(worker, 'exit');
      // Left to end by itself, without sockets: a thread that is stopped, or exits, no longer says what to do with the data of a new HTTP/2
      // stream, and Node aborts the process at the first.
      tell('close');
      await ended;
    },
  };
}
