import { spawn } from 'node:child_process';
import { once } from 'node:events';

const UP_WITHIN_MS = 30_000;

/**
 * Starts a program that serves HTTP and waits until it answers; returns what stops it.
 *
 * @throws with what it wrote to standard error, if it is missing, ends, or does not answer in time.
 */
export async function startDaemon(name: string, command: string, args: readonly string[], probe: string): Promise<() => Promise<void>> {
  const daemon = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const words: Buffer[] = [];
  let failure: Error | undefined;
  daemon.stderr.on('data', (chunk: Buffer) => words.push(chunk));
  daemon.once('error', (error) => (failure = error));
  const hasEnded = (): boolean => failure !== undefined || daemon.exitCode !== null;
  const deadline = Date.now() + UP_WITHIN_MS;
  while (Date.now() < deadline && !hasEnded()) {
    if (await fetch(probe).then((response) => response.ok, () => false)) {
      return async () => {
        if (hasEnded()) return;
        const ended = once(daemon, 'exit');
        daemon.kill('SIGTERM');
        await ended;
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  daemon.kill('SIGKILL');
  throw new Error(`${name} (${command}) did not come up: ${failure?.message ?? Buffer.concat(words).toString()}`);
}
