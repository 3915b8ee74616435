import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const SPINNER = fileURLToPath(new URL('../../../scripts/busy.js', import.meta.url));

/** Does something while, if so, a process of its own occupies every processor. */
export async function surrounded<T>(isCrowded: boolean, act: () => Promise<T>): Promise<T> {
  const spinners = isCrowded ? cpus().map(() => spawn(process.execPath, [SPINNER, '--spin-for', String(process.pid)], { stdio: 'ignore' })) : [];
  try {
    return await act();
  } finally {
    for (const spinner of spinners) spinner.kill('SIGKILL');
  }
}
