import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { fetchPage } from './fetch-page.js';

/** A page that has been made, and what makes it go away again. */
export interface OpenPage extends AsyncDisposable {
  readonly url: string;
}

/** A page to look at. Add one here: that is all. */
export interface PageSpec {
  /** Also the beginning of the screenshots' names. */
  readonly name: string;
  /** Makes it, in a directory that is removed afterwards. Pages in files must load nothing, others only from their own origin. */
  readonly open: (directory: string) => Promise<OpenPage>;
  /** Resolves in the page when it is ready to be looked at; rejects if it is not what it should be. */
  readonly ready?: string;
  /** Whether it gives up requests of its own. */
  readonly mayAbort?: boolean;
}

export const PAGES: readonly PageSpec[] = [
  { name: 'fetch', open: () => fetchPage(), ready: 'globalThis.finished', mayAbort: true },
  { name: 'demo-report', open: (directory) => report(directory, ['demo', '--quick', '--requests', '1500']) },
  {
    name: 'advise-report',
    open: async (directory) => {
      const file = join(directory, 'latencies.txt');
      await writeFile(file, latencies(50_000, () => 1).join('\n'));
      return await report(directory, ['advise', file, '--simulate', '20000']);
    },
  },
  {
    name: 'advise-report-clustered',
    open: async (directory) => {
      const file = join(directory, 'clustered.csv');
      // Now and then everything is slow for 60 requests; every hundredth row is bad.
      const rows = latencies(20_000, (index) => (index % 600 < 60 ? 8 : 1)).map((ms, index) => `${index},${index % 100 === 7 ? '-' : ms}`);
      await writeFile(file, ['row,latency_ms', ...rows].join('\n'));
      return await report(directory, ['advise', file, '--max-bad', '1000']);
    },
  },
  { name: 'simulate-report', open: (directory) => report(directory, ['simulate', '--scenario', 'outage']) },
];

/** Runs a command that writes a report. */
async function report(directory: string, args: readonly string[]): Promise<OpenPage> {
  const file = join(directory, 'report.html');
  const bin = fileURLToPath(import.meta.resolve('#cli/bin.js'));
  const child = spawn(process.execPath, [bin, ...args, '--report', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`hedgerow ${args.join(' ')} ended with ${String(code)}`);
  return { url: pathToFileURL(file).href, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Seeded (mulberry32): 5 ms and more, one in twenty ten times longer. */
function latencies(count: number, factor: (index: number) => number): number[] {
  let state = 1;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value ^= value + Math.imul(value ^ (value >>> 7), 61 | value);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
  return Array.from({ length: count }, (_, index) => {
    const ms = Math.exp(1.5 + 0.4 * Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
    return Number((ms * (uniform() < 0.05 ? 10 : 1) * factor(index)).toFixed(3));
  });
}
