import { readFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hedgerow, type Ended } from './command.js';
import { internal } from './internal.js';

/** Clients and servers share one process: with many requests in flight a busy machine makes all of them slow, and no hedge comes in time. */
const FEW_AT_ONCE = ['--requests', '300', '--warmup', '130', '--concurrency', '2'];

/** Whether other processes took so much of the machine that the demo says so itself: then few hedges are sent, fewer connect in time, and perhaps none wins. */
const isDisturbed = ({ stdout }: Pick<Ended, 'stdout'>): boolean => stdout.includes('Other processes took ');
/** The attempts of a call that a hedge won, as the trace shows them; a disturbed demo may have none to show, and says so. */
function expectTrace(ended: Pick<Ended, 'stdout'>, status: string): void {
  if (isDisturbed(ended) && ended.stdout.includes('There is none to show: no hedge won')) return;
  expect(ended.stdout).toMatch(/attempt 0, the primary · (cancelled|discarded) · .*backend \d/);
  expect(ended.stdout).toMatch(new RegExp(`attempt 1, a hedge sent after [\\d.]+ ms · won, the winner · status ${status} · backend \\d`));
}

describe('hedgerow demo', () => {
  let directory: string;
  let report: string;
  let demo: Ended;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hedgerow-'));
    report = join(directory, 'report.html');
    demo = await hedgerow(['demo', '--quick', ...FEW_AT_ONCE, '--report', report]);
  });
  afterAll(() => rm(directory, { recursive: true }));

  /** The cells of the table, row by row, below its head. */
  const rows = () =>
    demo.stdout
      .split('\n')
      .filter((line) => line.startsWith('│'))
      .slice(1)
      .map((line) => line.split('│').slice(1, -1).map((cell) => cell.trim()));

  it('ends by itself, with nothing on stderr and no control characters', () => {
    expect(demo).toMatchObject({ code: 0, stderr: '' });
    expect(demo.stdout.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
  });

  it('prints a row for each client without and with hedging', () => {
    expect(rows().map((row) => row.slice(0, 2))).toEqual([
      ['axios', 'off'],
      ['axios', 'on'],
      ['got', 'off'],
      ['got', 'on'],
    ]);
    for (const row of rows()) {
      const latencies = row.slice(2, 7).map(Number);
      expect([...latencies].sort((a, b) => a - b)).toEqual(latencies);
      expect(latencies[0]).toBeGreaterThan(3);
    }
  });

  it('counts extra load at the servers: none without hedging, what was hedged with it', () => {
    const share = (cell: string | undefined) => Number(cell?.replace(' %', ''));
    for (const [, hedging, , , , , , hedged, extra, refused] of rows()) {
      if (hedging === 'off') {
        expect([hedged, extra, refused]).toEqual(['–', '0.0 %', '–']);
      } else {
        expect(share(hedged)).toBeGreaterThan(0);
        // A hedge whose socket was not open yet when it lost never reached a server.
        expect(share(extra)).toBeLessThanOrEqual(share(hedged) + 0.1);
        const lost = isDisturbed(demo) ? 1 : 0; // three calls in three hundred
        expect(share(extra)).toBeGreaterThan(share(hedged) / 2 - lost);
      }
    }
  });

  it('shows the trace of a call that a hedge won', () => {
    expectTrace(demo, '200');
  });

  it('says in a line per client what happened', () => {
    expect(demo.stdout).toMatch(/^axios p99 \S+ ms → \S+ ms for \S+ % more requests$/m);
    expect(demo.stdout).toMatch(/^got {3}p99 \S+ ms → \S+ ms for \S+ % more requests$/m);
  });

  it('writes a report that loads nothing, with plots, table and trace', async () => {
    const html = await readFile(report, 'utf8');
    expect(demo.stdout).toContain(report);
    // Each client twice: wide for a desk, narrow for a phone.
    expect(html.match(/<svg /g)).toHaveLength(4);
    if (demo.stdout.includes('a hedge sent after')) expect(html).toContain('a hedge sent after');
    for (const cell of rows().flat()) expect(html).toContain(`<td>${cell}</td>`);
    expect(html).not.toMatch(/<script|<link|<img|@import|url\((?!#)|src=/);
    expect(html.replaceAll(/http:\/\/www\.w3\.org\/\S+/g, '')).not.toMatch(/https?:/);
  });
});

describe('hedgerow demo, other runs', () => {
  it.each(['got', 'fetch'])('drives one client, %s, and writes no report on demand', async (client) => {
    const { code, stdout } = await hedgerow([
      ...['demo', '--client', client, '--requests', '100', '--warmup', '0', '--concurrency', '20', '--no-report'],
    ]);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/axios|Report/);
    expect(stdout).toContain('There is no warm-up');
  });

  it('drives gRPC, with extra load and a trace as the servers saw them', async () => {
    const { code, stdout, stderr } = await hedgerow([
      ...['demo', '--client', 'grpc', ...FEW_AT_ONCE, '--no-report'],
    ]);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Three servers behind a gRPC channel with round_robin,');
    expect(stdout).toMatch(/│ grpc +│ off .* 0\.0 % │ +– │$/m);
    expect(stdout).toMatch(isDisturbed({ stdout }) ? /│ grpc +│ on .* \d+\.\d % │ +\d+ │$/m : /│ grpc +│ on .* (?!0\.0)\d+\.\d % │ +\d+ │$/m);
    expectTrace({ stdout }, '0');
    if (stdout.includes('attempt 1')) expect(stdout).toMatch(/^└─ hedge hedgerow\.Cluster\/Get /m);
  });

  it('stops cleanly on Ctrl-C', async () => {
    const { code, stderr } = await hedgerow(['demo', '--no-report'], (child) => {
      child.stdout?.once('data', () => child.kill('SIGINT'));
    });
    expect(stderr).toBe('\nStopped.\n');
    expect(code).toBe(130);
  });

  it('says before it begins that a report cannot be written', async () => {
    const path = join(tmpdir(), 'no such directory', 'report.html');
    expect(await hedgerow(['demo', '--report', path])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: --report: expected a file in a directory that can be written to, got ${path}\n`,
    });
  });
});

describe('hedgerow on the command line', () => {
  it('explains every option of the demo with its default', async () => {
    const { code, stdout } = await hedgerow(['demo', '--help']);
    expect(code).toBe(0);
    for (const option of ['--client', '--requests', '--warmup', '--concurrency', '--seed', '--report', '--no-report', '--quick'])
      expect(stdout).toContain(option);
    for (const value of ['6000, 1500 with --quick', '"all"', 'default: 10)', 'default: 1)', '"hedgerow-report.html"'])
      expect(stdout.replaceAll(/\s+/g, ' ')).toContain(value);
  });

  it('says its version', async () => {
    const { version } = JSON.parse(readFileSync('packages/cli/package.json', 'utf8')) as { readonly version: string };
    expect(await hedgerow(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('lists its commands', async () => {
    const { code, stdout } = await hedgerow(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('demo');
  });

  it.each([
    [['demo', '--requests', 'many'], "option '-n, --requests <n>' argument 'many' is invalid. Expected a whole number from 100 to 1000000."],
    [['demo', '--concurrency', '0'], "argument '0' is invalid. Expected a whole number from 1 to 200."],
    [['demo', '--client', 'curl'], "argument 'curl' is invalid. Allowed choices are axios, got, fetch, grpc, all."],
    [['demo', '--fast'], "unknown option '--fast'"],
    [['demonstrate'], "unknown command 'demonstrate'"],
  ])('refuses %j', async (args, message) => {
    const { code, stdout, stderr } = await hedgerow(args);
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  });

  it('ends quietly when nobody reads on, as any program in a pipe', async () => {
    const bin = fileURLToPath(internal('bin.js'));
    const child = spawn('bash', ['-c', `set -o pipefail; "${process.execPath}" "${bin}" demo -n 100 -w 30 --no-report | head -n 1`]);
    const [stdout, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit') as Promise<[number | null]>,
    ]);
    expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
  });
});
