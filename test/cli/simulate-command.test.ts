import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { hedgerow } from './command.js';

interface Printed {
  readonly scenario: Readonly<Record<string, unknown>>;
  readonly runs: readonly Readonly<Record<string, unknown>>[];
}

const json = async (...args: readonly string[]): Promise<Printed> =>
  JSON.parse((await hedgerow(['simulate', '--json', '--calls', '2000', '--warmup', '500', ...args])).stdout) as Printed;

describe('hedgerow simulate', () => {
  it('compares policies in a table and writes a report that loads nothing', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'hedgerow-'));
    const report = join(directory, 'report.html');
    try {
      const { code, stdout, stderr } = await hedgerow([
        ...['simulate', '--scenario', 'outage', '--outage', '5-8', '--calls', '2000', '--report', report],
        ...['--policy', 'none', '--policy', 'fixed:10', '--policy', 'minimize:0.99'],
      ]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const rows = stdout.split('\n').filter((line) => line.startsWith('│'));
      expect(rows.map((row) => row.split('│')[1]?.trim())).toEqual(['policy', 'none', 'fixed:10', 'minimize:0.99']);
      expect(stdout).toContain('outage 5–8 s');
      expect(stdout).toContain(report);
      const html = await readFile(report, 'utf8');
      // Each policy twice: wide for a desk, narrow for a phone.
      expect(html.match(/<svg /g)).toHaveLength(6);
      expect(html).not.toMatch(/<script|<link|<img|@import|url\((?!#)|src=/);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('gives the same figures for the same seed, and changes what options change', async () => {
    const first = await json('--seed', '7');
    expect(await json('--seed', '7')).toEqual(first);
    expect((await json('--seed', '8')).runs).not.toEqual(first.runs);
    const changed = await json(
      ...['--servers', '3', '--slots', '2', '--load', '0.5', '--dispatch', 'leastOutstanding', '--aborted', 'runs-on'],
      ...['--service', 'constant:20', '--errors', '0.1', '--correlation', '0.5', '--slow', '1-2:3@2', '--burst', '3-4:2', '--clients', '5'],
    );
    expect(changed.scenario).toMatchObject({
      clients: 5,
      arrivals: { kind: 'poisson', perSecond: 150 },
      backends: { count: 3, slots: 2, dispatch: 'leastOutstanding', stopsAborted: false },
      serviceMeanMs: 20,
      errors: { share: 0.1 },
      correlation: 0.5,
      faults: [
        { kind: 'slow', factor: 3, fromMs: 1_000, toMs: 2_000, backend: 2 },
        { kind: 'burst', factor: 2, fromMs: 3_000, toMs: 4_000 },
      ],
    });
    expect(changed.runs.map(({ policy }) => policy)).toEqual(['none', 'default']);
  });

  it('lifts the budget on demand', async () => {
    const copies = ['--policy', 'fixed:0'];
    expect((await json(...copies, '--no-budget')).runs[0]).toMatchObject({ extraLoad: 1, suppressions: {} });
    const [limited] = (await json(...copies, '--budget', '0.05')).runs;
    expect(limited?.extraLoad).toBeLessThan(0.2);
  });

  it('lists its scenarios', async () => {
    const { code, stdout } = await hedgerow(['simulate', '--list']);
    expect(code).toBe(0);
    for (const name of ['reference', 'load-85', 'outage', 'latency-step', 'slow-node', 'thundering-herd', 'shared-fate']) expect(stdout).toContain(name);
  });

  it.each([
    [['--scenario', 'x'], 'expected one of reference, load-30'],
    [['--policy', 'sometimes'], 'expected none, default, fixed:<ms>'],
    [['--policy', 'quantile:two'], 'expected numbers after the colon, got quantile:two.'],
    [['--policy', 'quantile:2'], 'delay.quantile'],
    [['--outage', 'noon'], 'expected two times in seconds, as in 60-80, got noon.'],
    [['--outage', '80-60'], 'faults[0].toMs: expected a number from 80000 to 1000000000000, got 60000'],
    [['--slow', '1-2'], 'expected a value after the colon, as in 60-80:3, got 1-2.'],
    [['--service', 'constant:0'], 'service.ms: expected a number from 0.000001 to 1000000000, got 0.'],
    [['--service', 'fast'], 'expected reference, constant:<ms>'],
    [['--calls', '1.5'], 'Expected a whole number from 1 to 100000000.'],
    [['--load', '0.5'], 'arrivals.load: expected `backends.slots` to be given, got Infinity'],
    [['--load', '0.5', '--rate', '3'], '--in-flight, --rate and --load: expected at most one of them'],
    [['--burst', '1-2:3'], 'a burst needs open arrivals'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await hedgerow(['simulate', ...args]);
    expect(code).toBe(1);
    expect(stderr).toContain(message);
  });
});
