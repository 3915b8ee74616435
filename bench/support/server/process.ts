import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { Answer, Command, Hello, Question, ServerCounts } from './protocol.js';

/** The servers, in a process of their own so that they neither disturb the client's event loop nor wait for it. */
export interface Servers extends Hello, Disposable {
  /** Resolves once the command has been obeyed, with what the servers counted by then. */
  readonly tell: (command: Command) => Promise<ServerCounts>;
}

export async function startServers(): Promise<Servers> {
  const child = fork(new URL('./main.js', import.meta.url));
  const [hello] = (await once(child, 'message')) as [Hello];
  const waiting = new Map<number, { readonly resolve: (counts: ServerCounts) => void; readonly reject: (error: Error) => void }>();
  let lastId = 0;
  child.on('message', ({ id, counts }: Answer) => {
    waiting.get(id)?.resolve(counts);
    waiting.delete(id);
  });
  child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the servers' process ended with ${code}`));
  });
  return {
    ...hello,
    tell: (command) =>
      new Promise((resolve, reject) => {
        const id = ++lastId;
        waiting.set(id, { resolve, reject });
        child.send({ id, command } satisfies Question);
      }),
    [Symbol.dispose]: () => {
      if (child.connected) child.disconnect();
    },
  };
}
