import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seededRandom } from '#cli/simulate/random.js';
import { lognormalTime } from 'hedgerow';
import { hedgerow, type Ended } from './command.js';

const service = lognormalTime();

function latencies(count: number): string {
  const random = seededRandom(1, 1);
  return Array.from({ length: count }, () => service.draw(random).toFixed(3)).join('\n');
}

describe('hedgerow advise', () => {
  let directory: string;
  let file: string;
  let report: string;
  let advice: Ended;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hedgerow-'));
    file = join(directory, 'latencies.txt');
    report = join(directory, 'advice.html');
    await writeFile(file, `${latencies(100_000)}\noops\n`);
    advice = await hedgerow(['advise', file, '--simulate', '50000', '--report', report]);
  });
  afterAll(() => rm(directory, { recursive: true }));

  /** The cells of a table, found by a heading that only it has. */
  const rows = (heading: string): string[][] => {
    const [, table = ''] = new RegExp(`│ [^\\n]*${heading}[^]*?\\n(│[^]*?)└`).exec(advice.stdout) ?? [];
    return table.split('\n').filter((line) => line.startsWith('│')).map((line) => line.split('│').slice(1, -1).map((cell) => cell.trim()));
  };
  const shareOf = (cell: string | undefined): number => Number(cell?.replace(' %', ''));

  it('ends by itself, with bad rows on stderr and no control characters', () => {
    expect(advice).toMatchObject({ code: 0, stderr: 'Skipped 1 bad row:\nline 100001: expected a latency, got "oops"\n' });
    expect(advice.stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('says what it read', () => {
    expect(advice.stdout).toContain(`100,000 latencies from ${file}: plain numbers, in ms (assumed; --unit says otherwise); 1 bad row skipped.`);
  });

  it('shows what was measured, with confidence intervals', () => {
    const known = rows('95 % confidence');
    expect(known.map(([name]) => name)).toEqual(['p50', 'p90', 'p95', 'p99', 'p99.9']);
    for (const [, ms, interval = ''] of known) {
      const [low, high] = interval.split(' to ').map(Number);
      expect(low).toBeLessThanOrEqual(Number(ms));
      expect(high).toBeGreaterThanOrEqual(Number(ms));
    }
  });

  it('shows what hedging would give at 1, 2, 5 and 10 % extra load, by quantile and by goal', () => {
    const predictions = rows('hedge after');
    expect(predictions.map((row) => row.slice(0, 2))).toEqual([
      ['0.0 %', 'no hedging'],
      ['9.0 %', 'default options'],
      ...['1', '2', '5', '10'].flatMap((load) => [
        [`${load}.0 %`, `quantile ${1 - Number(load) / 100}`],
        [`${load}.0 %`, 'minimise p99'],
      ]),
    ]);
    const p99 = predictions.map((row) => Number(row[6]));
    expect(Math.max(...p99)).toBe(p99[0]);
    for (const [index, row] of predictions.entries()) {
      const [independent, quarter, half] = [row[6], row[8], row[9]].map(Number);
      if (index > 0) expect(independent).toBeLessThanOrEqual(quarter ?? NaN);
      expect(quarter).toBeLessThanOrEqual(half ?? NaN);
      // Goal seeking does no worse at the same load than the quantile above it.
      if (row[1] === 'minimise p99') expect(independent).toBeLessThanOrEqual(p99[index - 1] ?? NaN);
    }
  });

  it('says what to paste', () => {
    expect(advice.stdout).toMatch(/ 5\.0 % {2}quantile 0\.95 {4}\{ delay: \{ quantile: 0\.95 \}, budget: \{ ratio: 0\.0556 \} \} {2}← recommended\n/);
    expect(advice.stdout).toContain('minimise p99     { delay: { minimize: 0.99 }, budget: { ratio: 0.111 } }');
  });

  it('is right about what the scheduler does', () => {
    const [, simulated, predicted, load] = /p99 (\S+) ms where (\S+) ms was predicted .* extra load (\S+) %/.exec(advice.stdout) ?? [];
    expect(Math.abs(Number(simulated) / Number(predicted) - 1)).toBeLessThan(0.05);
    expect(Math.abs(Number(load) - shareOf(rows('hedge after')[1]?.[0]))).toBeLessThan(0.5);
  });

  it('writes a report that loads nothing, with plots and every figure', async () => {
    const html = await readFile(report, 'utf8');
    expect(advice.stdout).toContain(`Report with plots: ${report}`);
    // The tail, p99 by load, and the input's order: each wide for a desk and narrow for a phone.
    expect(html.match(/<svg /g)).toHaveLength(6);
    for (const cell of [...rows('95 % confidence'), ...rows('hedge after')].flat()) expect(html).toContain(`<td>${cell}</td>`);
    expect(html).toContain('line 100001: expected a latency');
    expect(html).not.toMatch(/<script|<link|<img|@import|url\((?!#)|src=/);
    expect(html.replaceAll(/http:\/\/www\.w3\.org\/\S+/g, '')).not.toMatch(/https?:/);
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('hedgerow advise, other runs', () => {
  it.each([[['advise', '-', '--no-report']], [['advise', '--no-report']]])('reads stdin: %j', async (args) => {
    const { code, stdout } = await hedgerow(args, (child) => child.stdin?.write(latencies(2_000)));
    expect(code).toBe(0);
    expect(stdout).toContain('2,000 latencies from stdin');
    expect(stdout).not.toContain('Report');
  });

  it('does not advise on too few', async () => {
    const { code, stdout } = await hedgerow(['advise', '--no-report'], (child) => child.stdin?.write(latencies(50)));
    expect(code).toBe(0);
    expect(stdout).toContain('These latencies do not tell whether hedging would help. Too few samples: see below.');
  });

  it('writes a report on next to nothing too', async () => {
    const path = join(tmpdir(), `hedgerow-advice-${process.pid}.html`);
    const { code } = await hedgerow(['advise', '--report', path], (child) => child.stdin?.write('5\n'));
    expect(code).toBe(0);
    expect(await readFile(path, 'utf8')).toContain('These latencies do not tell');
    await rm(path);
  });

  it('fails with line numbers when too much is bad', async () => {
    const { code, stderr, stdout } = await hedgerow(['advise', '--max-bad', '1', '--no-report'], (child) => child.stdin?.write('5\nx\n6\n-7\n'));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toBe(`error: 2 of the first 4 rows are bad, more than 1 (see --max-bad):
  line 2: expected a latency, got "x"
  line 4: expected a latency of 0 or more, got -7
`);
  });

  it('keeps its memory however much it reads', async () => {
    const file = join(tmpdir(), `hedgerow-many-${process.pid}.txt`);
    const stream = createWriteStream(file);
    const some = `${latencies(100_000)}\n`;
    for (let part = 0; part < 20; part++) stream.write(some);
    stream.end();
    await finished(stream);
    let peakBytes = 0;
    const { code, stdout } = await hedgerow(['advise', file, '--no-report'], (child) => {
      const timer = setInterval(() => void readFile(`/proc/${child.pid}/status`, 'utf8').then(note, () => undefined), 20);
      const note = (status: string): void => {
        peakBytes = Math.max(peakBytes, Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024);
      };
      child.once('exit', () => clearInterval(timer));
    });
    await rm(file);
    expect(code).toBe(0);
    expect(stdout).toContain('2,000,000 latencies');
    expect(peakBytes).toBeLessThan(200e6);
  });

  it('says before it begins that a report cannot be written', async () => {
    const path = join(tmpdir(), 'no such directory', 'advice.html');
    expect(await hedgerow(['advise', '--report', path])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: --report: expected a file in a directory that can be written to, got ${path}\n`,
    });
  });

  it('explains every option, with examples', async () => {
    const { code, stdout } = await hedgerow(['advise', '--help']);
    expect(code).toBe(0);
    const options = ['--format', '--unit', '--column', '--field', '--metric', '--pattern', '--max-bad', '--simulate', '--seed', '--report', '--no-report'];
    for (const option of options) expect(stdout).toContain(option);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('avoid nested repetitions');
    expect(stdout).toContain('hedgerow advise access.log.gz');
  });

  it.each([
    [['advise', 'x', '--unit', 'min'], "argument 'min' is invalid. Allowed choices are s, ms, us, ns."],
    [['advise', 'x', '--pattern', '('], "option '--pattern <regexp>' argument '(' is invalid. Invalid regular expression"],
    [['advise', 'x', '--pattern', 'took (\\d+)'], 'Expected a group named duration'],
    [['advise', 'x', '--simulate', '5'], 'Expected a whole number from 1000 to 100000000.'],
    [['advise', 'no such file', '--no-report'], 'error: cannot read no such file: ENOENT'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr, stdout } = await hedgerow(args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
  });
});
