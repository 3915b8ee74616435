import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { internal } from './internal.js';

/** How a run of the command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  /** Without lines of progress: they come of work of more than two seconds, and how long work takes is the machine's affair. */
  readonly stderr: string;
}

/** What `advise` shows where there is no terminal: a bar, or how much there is where nobody knows the whole. */
const PROGRESS = /^ {2}(?:reading|simulating) .*\n/gm;

/** Runs `hedgerow` as a process of its own, without a terminal and without colours. Its stdin is empty unless `onStart` writes to it. */
export async function hedgerow(args: readonly string[], onStart?: (child: ChildProcess) => void): Promise<Ended> {
  const child = spawn(process.execPath, [fileURLToPath(internal('bin.js')), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, NODE_OPTIONS: undefined },
  });
  // A command that does not read ends before its stdin does.
  child.stdin.on('error', () => undefined);
  onStart?.(child);
  child.stdin.end();
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr: stderr.replaceAll(PROGRESS, '') };
}
