import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Execution {
  readonly ok: boolean;
  /** What it wrote, to standard output and error. */
  readonly output: string;
}

export interface ExecuteOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly onLine?: (line: string) => void;
}

/** Runs a program to its end, or for so long. */
export async function execute(command: string, args: readonly string[], { cwd, env, timeoutMs, onLine }: ExecuteOptions): Promise<Execution> {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      onLine?.(line);
    });
  }
  const timer = setTimeout(() => {
    lines.push(`stopped after ${timeoutMs / 1_000} s`);
    child.kill('SIGKILL');
  }, timeoutMs);
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
    child.once('error', (error) => {
      lines.push(String(error));
      resolve(null);
    });
  });
  clearTimeout(timer);
  return { ok: code === 0, output: lines.join('\n') };
}

/** {@link execute}, for what has to work. Returns what it wrote. */
export async function must(command: string, args: readonly string[], options: ExecuteOptions): Promise<string> {
  const { ok, output } = await execute(command, args, options);
  if (!ok) throw new Error(`\`${[command, ...args].join(' ')}\` failed:\n${output}`);
  return output;
}
