import { once } from 'node:events';
import { connect } from 'node:net';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readInput } from '#cli/advise/read/read.js';
import { startLocalCluster } from '#cli/cluster/local.js';
import { renderReport } from '#cli/report/html.js';
import { cpuMsOf } from '../support/busy-time.js';
import { hedgerow } from '../cli/command.js';

let directory: string;
beforeAll(async () => void (directory = await mkdtemp(join(tmpdir(), 'hedgerow-'))));
afterAll(() => rm(directory, { recursive: true }));

const SCRIPT = `</style></title></svg><script>alert(1)</script><img src=x onerror=alert(1)>"'&`;
/** Sets a title, clears the screen, also by one character, and turns text around. */
const COMMANDS = '\u001b]0;owned\u0007\u001b[2J\u009b2J\u202etxt.exe\u2066';

const TAGS = new Set(
  'html head meta title style body header div h1 h2 h3 p span section figure svg g path text tspan circle line rect defs clippath polyline polygon table thead tbody tr th td ul li strong code footer i'.split(' '),
);

/** Fails unless a page has markup of ours alone, and forbids scripts besides. */
function expectHarmless(page: string): void {
  expect(page).toContain(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`);
  const tags = [...page.matchAll(/<\/?([a-z][\w:-]*)/gi)].map(([, name = '']) => name.toLowerCase());
  expect(tags.filter((tag) => !TAGS.has(tag))).toEqual([]);
  expect(page).not.toMatch(/<[^>]*\son\w+\s*=/i);
}

/** A table whose column, cells and lines are hostile. */
function table(name: string, cell: string): string {
  const rows = Array.from({ length: 2_000 }, (_, index) => `${(index % 97) + 1};x`);
  return [`"${name.replaceAll('"', '""')}";note`, ...rows, `"${cell.replaceAll('"', '""')}";x`].join('\n');
}

describe('hedgerow advise on a hostile file', () => {
  it('writes a report in which nothing of it is markup', async () => {
    const file = join(directory, '<img src=x onerror=alert(1)>.csv');
    const report = join(directory, 'report.html');
    await writeFile(file, table(`${SCRIPT}_ms`, SCRIPT));
    const { code, stderr } = await hedgerow(['advise', file, '--column', '1', '--report', report]);
    expect(code).toBe(0);
    expect(stderr).toContain('Skipped 1 bad row');
    const page = await readFile(report, 'utf8');
    expectHarmless(page);
    for (const shown of ['&lt;img src=x onerror=alert(1)&gt;.csv', '&lt;/style&gt;', '&lt;script&gt;']) expect(page).toContain(shown);
  });

  it.each([
    ['a table', table(`took${COMMANDS}ms`, COMMANDS), ['--column', '1']],
    ['a table without the column', table(COMMANDS, COMMANDS), ['--column', 'other']],
    ['objects', `{"a${COMMANDS}":1,"b${COMMANDS}":"${COMMANDS.replaceAll('\u001b', '\\u001b').replaceAll('\u0007', '\\u0007')}","latency":1}\n{"${COMMANDS}\n`, []],
    ['something', `${COMMANDS}\n`.repeat(5), []],
  ])('gives the terminal nothing to obey: %s', async (what, content, args) => {
    const file = join(directory, `${what}${COMMANDS.replaceAll('\0', '')}`);
    await writeFile(file, content);
    const { stdout, stderr } = await hedgerow(['advise', file, '--no-report', ...args]);
    const shown = (stdout + stderr).replaceAll('\n', '');
    expect(shown).not.toBe('');
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  const MEGABYTE = 2 ** 20 - 64;
  const log = (part: string): string => `1.2.3.4 "${part.repeat(MEGABYTE / part.length)}`;
  it.each([
    ['a label without an end', `x_bucket{${'a'.repeat(MEGABYTE)}} 1`],
    ['labels without an end', `x_bucket{${'a="'.repeat(MEGABYTE / 3)}} 1`],
    ['blanks between braces', `x_bucket{${'} '.repeat(MEGABYTE / 2)}`],
    ['escapes', `x_bucket{a="${'\\"'.repeat(MEGABYTE / 2)}} 1`],
    ...['" 200 1 "" ', '" 200 1 "a" ', '" 200 1 " ', '" 200 1 "\\" ', ' 1.000 ', '"GET ', '"GET /', ' "" ', 'rt=1', '" 200 1', ' ', '1', '" 200 1 "x" "x" "x" "x'].map(
      (part) => [`a log line of ${JSON.stringify(part)}`, log(part)] as const,
    ),
    ['objects in objects', '{"latency":'.repeat(90_000)],
    ['objects in objects, complete', `{"latency":${'{"a":'.repeat(90_000)}1${'}'.repeat(90_001)}`],
    ['a table of a million columns', 'a,'.repeat(MEGABYTE / 2)],
    ['digits', '1'.repeat(MEGABYTE)],
    ['quotes', 'a,b\n1,2\n"'.padEnd(MEGABYTE, '""')],
  ])('takes no more than a moment: %s', async (_what, line) => {
    const file = join(directory, 'hostile');
    const ordinary = line.startsWith('x_bucket') ? 'x_bucket{le="1"} 1\nx_bucket{le="+Inf"} 1\n' : line.startsWith('{') ? '{"latency":1}\n' : '';
    await writeFile(file, `${ordinary}${line}\n`.repeat(3));
    const reading = (): Promise<unknown> => readInput({ file, maxBad: 1_000_000 } as never, new AbortController().signal, () => undefined);
    const ms = await cpuMsOf(() => reading().catch((error: unknown) => {
      expect(error).not.toBeInstanceOf(RangeError); // a stack that overflows
    }));
    expect(ms).toBeLessThan(5_000);
  });

  it('looks for latencies in objects only so deep', async () => {
    const file = join(directory, 'deep.ndjson');
    await writeFile(file, `${'{"a":'.repeat(8_000)}1${'}'.repeat(8_000)}\n`.repeat(2));
    await expect(readInput({ file } as never, new AbortController().signal, () => undefined)).rejects.toThrow('the first object has no number in it');
  });

  it('keeps little of what is packed to a thousandth of its size', async () => {
    const file = join(directory, 'bomb.gz');
    await writeFile(file, gzipSync(Buffer.alloc(2 ** 27, 'a')));
    const before = process.memoryUsage().rss;
    await expect(readInput({ file, format: 'plain', maxBad: 10 } as never, new AbortController().signal, () => undefined)).rejects.toThrow('no latency');
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 26);
  });
});

describe('a dump of OpenMetrics', () => {
  it('may have exemplars behind its counts, and braces in its labels', async () => {
    const file = join(directory, 'metrics.txt');
    const lines = ['# TYPE x histogram', 'x_bucket{a="}",le="1"} 5 # {trace_id="abc"} 0.67', 'x_bucket{a="}", le="+Inf"} 7 # {trace_id="}"} 1.5'];
    await writeFile(file, `${lines.join('\n')}\n`);
    const { latencies, bad } = await readInput({ file } as never, new AbortController().signal, () => undefined);
    expect([latencies.count, bad.count]).toEqual([7, 0]);
  });
});

describe("the demo's report", () => {
  it('has nothing in it that is markup of others', () => {
    const span = { name: SCRIPT, startMs: 0, durationMs: 1, children: [], attempt: undefined };
    const options = { clients: [SCRIPT], concurrency: 1, requests: 10, seed: 1, warmup: 0 };
    const page = renderReport({ options, runs: [], trace: { traceId: SCRIPT, roots: [span] }, warning: SCRIPT } as never);
    expectHarmless(page);
    expect(page).toContain('&lt;script&gt;');
  });
});

describe("the demo's servers", () => {
  it('are to be reached from this machine alone', async () => {
    await using cluster = await startLocalCluster({ grpc: true });
    const addresses = [cluster.url, ...cluster.backendUrls, ...(cluster.grpcTarget ?? '').split(',')];
    expect(addresses).toHaveLength(7);
    for (const address of addresses) {
      const port = Number(/:(\d+)\/?$/.exec(address)?.[1]);
      // Whoever listens on all addresses, listens on this one too.
      const [error] = (await once(connect(port, '127.0.0.2'), 'error')) as [NodeJS.ErrnoException];
      expect(error.code).toBe('ECONNREFUSED');
    }
  });
});
