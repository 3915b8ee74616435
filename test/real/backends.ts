import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Command, Counts, Stalls } from './stalling-backend.js';

/** Three backends, each a process. */
export class Backends implements Disposable {
  readonly ports: readonly number[];
  private readonly processes: ChildProcess[];

  private constructor(processes: ChildProcess[], ports: readonly number[]) {
    this.processes = processes;
    this.ports = ports;
  }

  static async start(): Promise<Backends> {
    const processes = ['b0', 'b1', 'b2'].map((name, index) =>
      fork(new URL('stalling-backend.js', import.meta.url), [name, String(index + 1)]),
    );
    const ports = await Promise.all(processes.map(async (process) => ((await once(process, 'message')) as [number])[0]));
    return new Backends(processes, ports);
  }

  /** Lets one of them stall, and the others not. */
  stall(index: number, stalls: Stalls): void {
    for (const [other, process] of this.processes.entries()) {
      process.send((other === index ? stalls : { everyMs: 0, forMs: 0 }) satisfies Command);
    }
  }

  /** Requests that arrived, over all that still run. */
  async received(): Promise<number> {
    const counts = await Promise.all(
      this.processes.filter(({ connected }) => connected).map(async (process) => {
        process.send('counts' satisfies Command);
        return ((await once(process, 'message')) as [Counts])[0].received;
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** As a crash would. */
  kill(index: number): void {
    this.processes[index]?.kill('SIGKILL');
  }

  [Symbol.dispose](): void {
    for (const process of this.processes) process.kill('SIGKILL');
  }
}
