import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import type { Stand } from './case.js';
import { environment } from './hedged.js';

const UP_WITHIN_MS = 60_000;

/** Starts a server of the project, which says itself where it is, does something with it, and stops it. */
export async function withServer<T>({ directory, node, backend }: Stand, args: readonly string[], use: (url: string) => Promise<T>): Promise<T> {
  const child = spawn(node, args, { cwd: directory, env: { ...process.env, ...environment(backend.address) }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const url = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${args[0]} did not come up:\n${output}`)), UP_WITHIN_MS);
    const ended = (): void => reject(new Error(`${args[0]} ended:\n${output}`));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += stripVTControlCharacters(chunk.toString());
        const [, port] = /Local:\s+http:\/\/[\w.]+:(\d+)/.exec(output) ?? [];
        if (port === undefined) return;
        clearTimeout(timer);
        resolve(`http://127.0.0.1:${port}/`);
      });
    }
    child.once('exit', ended).once('error', reject);
  });
  try {
    return await use(await url);
  } catch (error) {
    throw new Error(`${String(error)}\n${output}`, { cause: error });
  } finally {
    const exited = once(child, 'exit');
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGTERM')) await exited;
  }
}
