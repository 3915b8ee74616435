import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { until } from './wait.js';

const SCRIPT = fileURLToPath(new URL('../../../scripts/busy.js', import.meta.url));
/** A command that goes on until it is told to stop. */
const WAITING = [process.execPath, '-e', 'console.log("here"); setInterval(() => undefined, 1_000)'];

interface Run {
  readonly code: number | null;
  readonly output: string;
  /** Those that spun. */
  readonly spinners: readonly number[];
}

/** Runs the script; `onOutput` is called when its command has said something. */
async function busy(args: readonly string[], onOutput: (script: ChildProcess) => void = () => undefined): Promise<Run> {
  const script = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  script.stdout.on('data', (chunk: Buffer) => {
    if (chunk.includes('here')) onOutput(script);
  });
  const [stdout, stderr, [code]] = await Promise.all([text(script.stdout), text(script.stderr), once(script, 'exit') as Promise<[number | null]>]);
  const [, numbers] = /busy: (.*)/.exec(stdout) ?? [];
  return { code, output: stdout + stderr, spinners: numbers?.split(', ').map(Number) ?? [] };
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the script that keeps a machine busy', () => {
  it.each([0, 7])('ends as its command does, with %d, and its processes with it', async (wanted) => {
    const { code, spinners } = await busy(['--processes', '2', process.execPath, '-e', `process.exit(${wanted})`]);
    expect(code).toBe(wanted);
    expect(spinners).toHaveLength(2);
    await until('they have ended', () => !spinners.some(isRunning));
  });

  it('hands signals on to its command, and ends when that has', async () => {
    const { code, spinners } = await busy(['--processes', '1', '--', ...WAITING], (script) => script.kill('SIGINT'));
    expect(code).toBe(130);
    await until('it has ended', () => !spinners.some(isRunning));
  });

  it('leaves nothing behind that spins when it is killed', async () => {
    const ends = 'const parent = process.ppid; console.log("here"); setInterval(() => process.ppid === parent || process.exit(), 20)';
    const { code, spinners } = await busy(['--processes', '1', process.execPath, '-e', ends], (script) => script.kill('SIGKILL'));
    expect(code).toBeNull();
    expect(spinners).toHaveLength(1);
    await until('it has ended', () => !spinners.some(isRunning));
  });

  it.each([
    [[], 'no command'],
    [['--processes', '0', 'true'], '--processes: expected a whole number from 1, got 0'],
    [['--fast', 'true'], "Unknown option '--fast'"],
  ])('refuses %j and explains itself', async (args, complaint) => {
    const { code, output } = await busy(args);
    expect(code).toBe(2);
    expect(output).toContain(complaint);
    expect(output).toContain('Usage: node scripts/busy.js');
  });

  it('says 127 for a command that is not there, as a shell does', async () => {
    expect((await busy(['--processes', '1', 'no-such-command'])).code).toBe(127);
  });
});
