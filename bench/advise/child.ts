import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** What one run of `hedgerow advise` took and said. */
export interface Advised {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly peakBytes: number;
  /** Predicted for the default options. */
  readonly p99Ms: number;
  readonly extraLoad: number;
}

/** Loaded before the command: says at its end what it used, which nobody else is told of a child. */
const REPORTER = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => { const { maxRSS, systemCPUTime, userCPUTime } = process.resourceUsage(); process.stderr.write(`\\nused ${maxRSS} ${userCPUTime + systemCPUTime}\\n`); });",
)}`;

/** @throws Error with what it printed, if it fails or says nothing of the default options. */
export async function advise(file: string, signal: AbortSignal): Promise<Advised> {
  const startedAt = performance.now();
  const args = ['--import', REPORTER, fileURLToPath(import.meta.resolve('#cli/bin.js')), 'advise', file, '--report', `${file}.html`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, NO_COLOR: '1' }, signal });
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
  const seconds = (performance.now() - startedAt) / 1_000;
  const [, kilobytes, microseconds] = /\nused (\d+) (\d+)\n/.exec(stderr) ?? [];
  const row = stdout.split('\n').find((line) => line.includes('default options │'))?.split('│').map((cell) => parseFloat(cell));
  const [p99Ms, load] = [row?.[7], row?.[1]];
  if (code !== 0 || p99Ms === undefined || load === undefined) throw new Error(`hedgerow advise ended with ${String(code)}:\n${stdout}${stderr}`);
  return { seconds, processorSeconds: Number(microseconds) / 1e6, peakBytes: Number(kilobytes) * 1024, p99Ms, extraLoad: load / 100 };
}
