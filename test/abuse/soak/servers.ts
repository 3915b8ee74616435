import { fork, type ChildProcess } from 'node:child_process';
import type { Closed, Counts, Foreign, Hello, Told } from './protocol.js';

/** Who is told what the servers see as it happens. */
export interface Audience {
  onClosed(closed: Closed): void;
  onForeign(foreign: Foreign): void;
}

/** The process of the servers, which shares nothing with its clients but a processor. */
export class Servers {
  private readonly child: ChildProcess = fork(new URL('./server.js', import.meta.url));
  /** Once they listen. */
  readonly hello: Promise<Hello>;
  private answer: ((counts: Counts) => void) | undefined = undefined;

  constructor(audience: Audience) {
    const { child } = this;
    this.hello = new Promise((resolve, reject) => {
      child.once('exit', () => reject(new Error('the servers have gone')));
      child.on('message', ({ hello, counts, closed, foreign }: Told) => {
        if (hello !== undefined) resolve(hello);
        if (counts !== undefined) this.answer?.(counts);
        if (closed !== undefined) audience.onClosed(closed);
        if (foreign !== undefined) audience.onForeign(foreign);
      });
    });
  }

  /** So far. All that they have told before has been heard by then. */
  counts(): Promise<Counts> {
    return new Promise((resolve) => {
      this.answer = resolve;
      this.child.send('counts');
    });
  }

  stop(): void {
    this.child.disconnect();
  }
}
