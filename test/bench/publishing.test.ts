import { describe, expect, it } from '@jest/globals';
import { atLeast, atMost } from '#bench/support/outcome.js';
import { replaceSection } from '#bench/support/page.js';
import { missed } from '#bench/support/publish.js';
import { csv, tableForPage } from '#bench/support/table.js';

describe('a page', () => {
  const page = 'before\n\n<!-- bench:a -->\n\nold\n\n<!-- /bench:a -->\n\nbetween\n\n<!-- bench:b -->\n\nkept\n\n<!-- /bench:b -->\n';

  it('gets a new part, and keeps the rest', () => {
    expect(replaceSection(page, 'a', 'new\n')).toBe(page.replace('old', 'new'));
  });

  it('needs the part', () => {
    expect(() => replaceSection(page, 'c', 'new')).toThrow('<!-- bench:c -->');
  });
});

describe('a table', () => {
  it('stands in a page', () => {
    expect(tableForPage({ head: ['client', 'p99'], rows: [['axios', '16.1']] })).toBe('| client | p99 |\n| --- | --: |\n| axios | 16.1 |');
  });

  it('stands in a file, quoted where it must be', () => {
    expect(csv([{ policy: 'p95, "5 %"', p99: 20.5 }, { policy: 'none', p99: undefined }])).toBe('policy,p99\n"p95, ""5 %""",20.5\nnone,\n');
  });
});

describe('a bound', () => {
  const format = String;

  it('is missed by what lies beyond it, and by what is no number', () => {
    const checks = [atMost('a', 1, 1, format), atMost('b', 2, 1, format), atLeast('c', 1, 2, format), atMost('d', NaN, 1, format)];
    expect(missed(false, checks).map(({ what }) => what)).toEqual(['b', 'c', 'd']);
  });

  it('counts in a short run only if any length will do', () => {
    const checks = [atMost('a', 2, 1, format), { ...atMost('b', 2, 1, format), anyLength: true }];
    expect(missed(true, checks).map(({ what }) => what)).toEqual(['b']);
  });
});
