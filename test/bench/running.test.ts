import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const BENCH = fileURLToPath(new URL('../../../bench/.build/', import.meta.url));

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'bench-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs a benchmark as npm does. */
function run(name: string, ...options: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(BENCH, name, 'main.js'), ...options], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr }),
    );
  });
}

interface Results {
  readonly rows: readonly Readonly<Record<string, number | string>>[];
}

function results(name: string): Results {
  return JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8')) as Results;
}

describe('a benchmark', () => {
  it('compares policies over real HTTP and writes what it found', async () => {
    const { code, output } = await run('compare', '--quick', '--requests', '200', '--warmup', '130', '--out', directory);
    expect(output).toContain('default (10 % budget)');
    expect(code).toBe(0);
    const { rows } = results('compare');
    const plain = rows[0];
    expect(plain).toMatchObject({ policy: 'no hedging', extraLoad: 0 });
    expect(rows.find(({ policy }) => policy === 'fixed 10 ms')?.extraLoad).toBeGreaterThan(0);
    expect(readdirSync(directory)).toEqual(expect.arrayContaining(['compare.csv', 'compare-p99.svg', 'compare-tail.svg']));
    expect(readFileSync(join(directory, 'compare-p99.svg'), 'utf8')).toMatch(/^<svg[^]*<\/svg>\s*$/);
  });

  it('stalls all servers, and hedges no more than the budget allows', async () => {
    const sizes = ['--streams', '1', '--rate', '60', '--before', '3', '--stall', '2', '--after', '1'];
    const { code, output } = await run('outage', '--quick', ...sizes, '--out', directory);
    expect(output).toContain('fixed 10 ms, no limits');
    expect(code).toBe(0);
    const since = results('outage').rows.filter(({ policy, second }) => policy === 'fixed 10 ms, no limits' && Number(second) >= 3);
    const total = (of: 'calls' | 'hedges'): number => since.reduce((sum, row) => sum + Number(row[of]), 0);
    expect(since).toHaveLength(3);
    // The stall lasts for two of these three seconds, wherever it begins. Without limits all of its calls are hedged, but for the last ones,
    // and those that a busy machine sends when it is over.
    expect(total('hedges')).toBeGreaterThan(0.5 * ((2 / 3) * total('calls')));
  });

  it('says what it does not understand', async () => {
    expect(await run('shift', '--rate', 'fast')).toEqual({ code: 1, output: '--rate: expected a whole number from 0 to 10000000, got NaN\n' });
    expect((await run('clients', '--fast')).code).toBe(1);
  });

  it('explains itself', async () => {
    expect((await run('clients', '--help')).output).toContain('--requests <n>');
  });
});
