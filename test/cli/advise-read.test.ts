import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readInput, type Input } from '#cli/advise/read/read.js';
import type { ReadOptions } from '#cli/advise/options.js';
import { kaplanMeier } from '@hedgerow/core/policy';

const NOTHING: Omit<ReadOptions, 'file'> = {
  format: undefined,
  unit: undefined,
  column: undefined,
  field: undefined,
  metric: undefined,
  pattern: undefined,
  maxBad: undefined,
};

describe('reading latencies', () => {
  let directory: string;
  let files = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hedgerow-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  const read = async (content: string | Buffer, options: Partial<ReadOptions> = {}): Promise<Input> => {
    const file = join(directory, `input-${files++}`);
    await writeFile(file, content);
    return await readInput({ ...NOTHING, ...options, file }, new AbortController().signal, () => undefined);
  };
  /** The latencies read, ascending, to 1 %. */
  const values = ({ latencies }: Input): number[] => {
    const { events, firstBucket, gamma } = latencies.histogram;
    return Array.from(events).flatMap((count, index) => Array<number>(count).fill(gamma ** (firstBucket + index - 0.5)));
  };
  const expectValues = (input: Input, expected: readonly number[]): void => {
    const found = values(input);
    expect(found).toHaveLength(expected.length);
    for (const [index, value] of expected.entries()) expect(Math.abs((found[index] ?? NaN) / value - 1)).toBeLessThan(0.0101);
  };

  describe('of every format', () => {
    it.each<[string, string, Partial<ReadOptions>, readonly number[], string]>([
      ['plain numbers', '5\n 10.25 \r\n1e2\n.5', {}, [0.5, 5, 10.25, 100], 'plain numbers'],
      ['a named column', 'when,latency_us,size\na,5000,1\nb,7000,2\n', {}, [5, 7], 'column 2 (latency_us) of CSV'],
      ['a column chosen by name', 'a;b\n5;6\n7;8\n', { column: 'b' }, [6, 8], 'column 2 (b) of CSV'],
      ['a column chosen by number', '5\t6\n7\t8\n', { column: '1' }, [5, 7], 'column 1 of CSV'],
      ['quoted cells', 'path,ms\n"/a,b",5\n"/c\nd",7\n"say ""hi""",9\n', {}, [5, 7, 9], 'column 2 (ms) of CSV'],
      ['JSON lines', '{"at":"x","duration":0.5,"size":3}\n{"duration":"0.25"}\n', { unit: 's' }, [250, 500], 'field "duration" of JSON lines'],
      ['a field of a field', '{"http":{"took_ms":5}}\n{"http":{"took_ms":6}}\n', { field: 'http.took_ms' }, [5, 6], 'field "http.took_ms" of JSON lines'],
      ['a field whose name has a dot', '{"http.ms":5}\n', { field: 'http.ms' }, [5], 'field "http.ms" of JSON lines'],
      [
        'nginx with rt=',
        '1.2.3.4 - - [21/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 12 "-" "curl" rt=0.123 uct="0.000"\n',
        {},
        [123],
        'access log with rt= or request_time=',
      ],
      [
        'nginx with $request_time at the end',
        '1.2.3.4 - - [21/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 12 "-" "Mozilla (a, b)" 0.045\n',
        {},
        [45],
        'access log that ends with nginx’s $request_time',
      ],
      [
        'Apache with %D at the end',
        '1.2.3.4 - - [21/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 2326 "-" "say \\"hi\\"" 5123\n::1 - - [x] "GET / HTTP/1.1" 304 - 900\n',
        {},
        [0.9, 5.123],
        'access log that ends with Apache’s %D',
      ],
      ['any log by a pattern', 'x took 5ms\ny took 7ms\n', { pattern: /took (?<duration>\d+)ms/ }, [5, 7], 'log, by /took (?<duration>\\d+)ms/'],
    ])('%s', async (_what, content, options, expected, what) => {
      const input = await read(content, options);
      expectValues(input, expected);
      expect(input.what).toBe(what);
      expect(input.bad.count).toBe(0);
    });

    it('takes gzip for what it is, whatever the file is called', async () => {
      expectValues(await read(gzipSync('5\n6\n')), [5, 6]);
    });

    it('drops a byte order mark', async () => {
      expectValues(await read('\uFEFF5\n6\n'), [5, 6]);
    });

    it.each(['s', 'ms', 'us', 'ns'] as const)('in %s', async (unit) => {
      const ms = { s: 2_000, ms: 2, us: 0.002, ns: 0.000_002 }[unit];
      expectValues(await read('2\n', { unit }), [Math.max(ms, 0.001)]);
    });

    it('prefers the user’s unit to that of a name', async () => {
      expectValues(await read('latency_us\n5\n', { unit: 'ms' }), [5]);
    });

    it('puts lines together that lie over the ends of chunks', async () => {
      const numbers = Array.from({ length: 200_000 }, (_, index) => 1 + (index % 97) / 7);
      const input = await read(numbers.map((value) => value.toFixed(5)).join('\n'));
      expect(input.latencies.count).toBe(200_000);
      expect(input.bad.count).toBe(0);
    });
  });

  describe('of a Prometheus histogram', () => {
    const dump = `# HELP http_request_duration_seconds How long.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{route="/a",le="0.01"} 90
http_request_duration_seconds_bucket{route="/a",le="0.1"} 100
http_request_duration_seconds_bucket{route="/a",le="+Inf"} 100
http_request_duration_seconds_bucket{route="/b",le="0.01"} 80
http_request_duration_seconds_bucket{route="/b",le="0.1"} 95
http_request_duration_seconds_bucket{route="/b",le="+Inf"} 100
http_request_duration_seconds_sum{route="/a"} 1
http_request_duration_seconds_count{route="/a"} 100
`;

    it('adds up its label sets and spreads each bucket', async () => {
      const input = await read(dump);
      expect(input).toMatchObject({ what: 'Prometheus histogram http_request_duration_seconds, 2 series', unit: 's' });
      expect(input.latencies.count).toBe(200);
      const curve = kaplanMeier(input.latencies.histogram);
      expect(curve.runningAt(10)).toBeCloseTo(0.15, 2);
      expect(curve.runningAt(100)).toBeCloseTo(0.025, 2);
      // Halfway through the bucket from 10 to 100 ms, which holds 25.
      expect(curve.runningAt(55)).toBeCloseTo(0.0875, 2);
      expect(curve.quantile(0.99)).toBeUndefined();
    });

    it('asks which if there are several, and takes the one named', async () => {
      const both = `${dump}rpc_ms_bucket{le="5"} 3\nrpc_ms_bucket{le="+Inf"} 3\n`;
      await expect(read(both)).rejects.toThrow('which histogram? Name it with --metric; there are "http_request_duration_seconds", "rpc_ms"');
      const input = await read(both, { metric: 'rpc_ms' });
      expect(input).toMatchObject({ unit: 'ms', latencies: { count: 3 } });
      await expect(read(both, { metric: 'rpc' })).rejects.toThrow('no histogram rpc found');
    });

    it('takes the later of two scrapes', async () => {
      const input = await read('a_ms_bucket{le="5"} 3\na_ms_bucket{le="+Inf"} 3\na_ms_bucket{le="5"} 4\na_ms_bucket{le="+Inf"} 4\n');
      expect(input.latencies.count).toBe(4);
    });

    it('refuses counts that fall, and bounds that are none', async () => {
      const { bad } = await read('a_ms_bucket{le="x"} 3\na_ms_bucket{le="5"} 3\na_ms_bucket{le="9"} 2\na_ms_bucket{le="+Inf"} many\n');
      expect(bad.lines()).toEqual([
        'line 1: expected a bound le="…" of 0 or more, got "x"',
        'line 4: expected a count of 0 or more, got "many"',
        'line 3: expected a count of at least 3, that of the bucket below, got 2',
      ]);
    });
  });

  describe('with bad rows', () => {
    it('counts and skips them, and says which and why', async () => {
      const input = await read('5\n\nabc\n-3\nNaN\n99999999999\nInfinity\n6\n');
      expectValues(input, [5, 6]);
      expect(input.bad.count).toBe(6);
      expect(input.bad.lines()).toEqual([
        'line 2: expected a latency, got nothing',
        'line 3: expected a latency, got "abc"',
        'line 4: expected a latency of 0 or more, got -3',
        'line 5: expected a latency, got "NaN"',
        'line 6: expected a latency of less than a day, got 99999999999 (is the unit right?)',
        'and 1 more',
      ]);
    });

    it.each<[string, string, Partial<ReadOptions>, readonly string[]]>([
      ['a short row', 'a,ms\n1,5\n2\n3,7\n', { column: 'ms' }, ['line 3: expected a latency, the row is too short']],
      ['a cell after quotes', 'a,ms\n"x\ny",5\n"z",no\n', { column: 'ms' }, ['line 4: expected a latency, got "no"']],
      ['no JSON', '{"ms":5}\n{"ms":\n', { field: 'ms' }, ['line 2: expected a JSON object, got "{\\"ms\\":"']],
      ['no such field', '{"ms":5}\n{"s":1}\n{"ms":null}\n', { field: 'ms' }, ['line 2: expected a field "ms", there is none', 'line 3: expected a latency, got "null"']],
      ['no duration', 'rt=0.1\nstarted\nrt=-\n', { format: 'log', pattern: /rt=(?<duration>\S+)/ }, ['line 2: no duration found in "started"', 'line 3: expected a latency, got "-"']],
    ])('in other formats: %s', async (_what, content, options, lines) => {
      expect((await read(content, options)).bad.lines()).toEqual(lines);
    });

    it('reads quotes that come late, and says so where they span lines', async () => {
      const plain = '/a,5\n'.repeat(60_000);
      const input = await read(`path,ms\n${plain}"/b,c",7\n"/d\ne",9\n`);
      expect(input.latencies.count).toBe(60_002);
      expect(input.bad.lines()).toEqual(['line 60003: expected a row without line breaks in quotes, as those before it']);
    });

    it('does not take the rest of a file for one cell', async () => {
      const rest = '/c,6\n'.repeat(10);
      await expect(read(`path,ms\n"/a",5\n"/b,5\n${rest}`)).rejects.toThrow('line 3: cannot read on from here, is a quote left open?');
    });

    it('gives up beyond the limit', async () => {
      const rows = [...Array<string>(20).fill('5'), ...Array<string>(4).fill('x')].join('\n');
      expect((await read(rows, { maxBad: 4 })).bad.count).toBe(4);
      await expect(read(rows, { maxBad: 3 })).rejects.toThrow(/^4 of the first 24 rows are bad, more than 3 \(see --max-bad\):\n {2}line 21: expected a latency, got "x"/);
    });

    it('skips a hundred, or one row in a hundred, by default', async () => {
      const rows = (good: number, bad: number): string => `${'5\n'.repeat(good)}${'x\n'.repeat(bad)}`;
      expect((await read(rows(500, 100))).bad.count).toBe(100);
      await expect(read(rows(500, 101))).rejects.toThrow('101 of the first 601 rows are bad, more than 100 and more than 1 % of all');
      expect((await read(rows(20_000, 150))).bad.count).toBe(150);
    });

    it('does not keep a line without an end', async () => {
      const { bad } = await read(`5\n${'1'.repeat(3 * 2 ** 20)}\n6\n`);
      expect(bad.lines()).toEqual(['line 2: expected a line of at most 1 MiB']);
    });

    it.each<[string, string, Partial<ReadOptions>, string]>([
      ['nothing', '', {}, 'no latency found'],
      ['only bad rows', 'x\ny\n', { format: 'plain' }, 'no latency found\n  line 1: expected a latency, got "x"'],
      ['prose', 'It was a dark night.\nAnd so on.\n', {}, 'cannot tell what this is from "It was a dark night."; say it with --format plain|csv|ndjson|log|prometheus'],
      ['two numeric columns', 'a,b\n1,2\n', {}, 'which column holds the latency? Name or number it (from 1) with --column; the columns are "a", "b"'],
      ['a column that is not there', 'a,b\n1,2\n', { column: 'c' }, 'no column "c"; the columns are "a", "b"'],
      ['two numeric fields', '{"a":1,"b":2}\n', {}, 'which field holds the latency? Name it with --field; the first object has the numbers "a", "b"'],
      ['a common log, whose last number is a size', '::1 - - [x] "GET / HTTP/1.1" 200 2326\n', {}, 'where is the duration in this log?'],
      ['bytes that are no text', 'a\0b\0', {}, 'is not text in UTF-8'],
    ])('refuses %s', async (_what, content, options, message) => {
      await expect(read(content, options)).rejects.toThrow(message);
    });

    it('refuses a file that is not there, and gzip that is cut off', async () => {
      const missing = readInput({ ...NOTHING, file: join(directory, 'no such file') }, new AbortController().signal, () => undefined);
      await expect(missing).rejects.toThrow(/^cannot read .*no such file: ENOENT/);
      await expect(read(gzipSync('5\n'.repeat(1_000)).subarray(0, 30))).rejects.toThrow('unexpected end of file');
    });
  });

  it('stops when it is told to', async () => {
    const file = join(directory, 'endless');
    await writeFile(file, '5\n'.repeat(1_000_000));
    const controller = new AbortController();
    const reading = readInput({ ...NOTHING, file }, controller.signal, () => controller.abort(new Error('enough')));
    await expect(reading).rejects.toThrow('enough');
  });
});
