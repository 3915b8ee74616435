import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Agent } from 'undici';

/** How long closed connections may take to be seen as such. */
const PATIENCE_MS = 5_000;

/** A server in a thread of its own, and what is left open at it. */
export interface AnsweringServer {
  readonly origin: string;
  /** Answers that it holds open because nobody reads them, in words. */
  unread(): Promise<readonly string[]>;
  /** Puts a client's connections away, then itself. */
  closeWith(agent: Agent): Promise<void>;
}

export async function startAnsweringServer(): Promise<AnsweringServer> {
  const worker = new Worker(new URL('./server-worker.js', import.meta.url));
  const [port] = (await once(worker, 'message')) as [number];

  async function openAnswers(): Promise<number> {
    worker.postMessage('open');
    const [open] = (await once(worker, 'message')) as [number];
    return open;
  }

  return {
    origin: `http://127.0.0.1:${port}`,
    async unread() {
      let open = await openAnswers();
      for (const since = performance.now(); open > 0 && performance.now() - since < PATIENCE_MS; open = await openAnswers()) {
        globalThis.gc?.(); // what was dropped unread is given up when it is collected
        await sleep(50);
      }
      return open === 0 ? [] : [`the server has ${open} answers open that nobody reads`];
    },
    async closeWith(agent) {
      // Waits for requests under way: were one leaked, its socket would be found.
      await Promise.race([agent.close(), sleep(PATIENCE_MS, undefined, { ref: false })]);
      await worker.terminate();
    },
  };
}
