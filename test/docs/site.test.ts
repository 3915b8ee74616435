import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { brokenLinks } from '#docs/check.js';
import { siteImage, siteLink } from '#docs/links.js';
import { showRepository } from '#docs/repository.js';
import { sidebarOf, writtenPages, type SidebarItem } from '#docs/sidebar.js';
import { ROOT } from './pages.js';

describe('the sidebar of the site', () => {
  const links = sidebarOf(ROOT).filter(({ text }) => text !== 'API').flatMap(linksOf);

  it('leads to every page, once', () => {
    const pages = writtenPages(join(ROOT, 'docs')).map((page) => `/${page.replace(/(^|\/)README\.md$/, '$1').replace(/\.md$/, '')}`);
    expect(links.filter((link) => !link.startsWith('/repository/')).sort()).toEqual(pages.sort());
  });

  it('leads nowhere else', () => {
    const files = links.filter((link) => link !== '/').map((link) => (link.startsWith('/repository/') ? link.slice('/repository/'.length) : `docs${link.replace(/\/$/, '/README')}`));
    expect(files.filter((file) => !existsSync(join(ROOT, `${file}.md`)))).toEqual([]);
  });
});

describe('links of pages', () => {
  it.each([
    ['guides/axios.md', '../options.md#budget', '/options.md#budget'],
    ['guides/axios.md', 'fetch.md', '/guides/fetch.md'],
    ['architecture.md', 'README.md', '/index.md'],
    ['index.md', 'start.md', '/start.md'],
    ['architecture.md', 'decisions/README.md', '/decisions/index.md'],
    ['decisions/index.md', 'brake.md', '/decisions/brake.md'],
    ['decisions/index.md', '../architecture.md', '/architecture.md'],
    ['benchmarks.md', 'benchmarks/load.csv', '/benchmarks/load.csv'],
    ['architecture.md', '../packages/core/src/race/race.ts', '/repository/packages/core/src/race/race.ts.md'],
    ['start.md', '../README.md#quick-start', '/repository/README.md#quick-start'],
    ['repository/README.md', 'docs/start.md', '/start.md'],
    ['repository/packages/axios/README.md', '../core/README.md', '/repository/packages/core/README.md'],
    ['start.md', '#axios', '#axios'],
    ['start.md', 'https://example.com/a.md', 'https://example.com/a.md'],
  ])('in %s, %s becomes %s', (page, href, link) => {
    expect(siteLink(page, href)).toBe(link);
  });
});

describe('pictures of pages', () => {
  it.each([
    ['index.md', 'benchmarks/a.svg', './benchmarks/a.svg'],
    ['guides/axios.md', '../pictures/a.svg', '../pictures/a.svg'],
    ['repository/README.md', 'docs/benchmarks/a.svg', '../benchmarks/a.svg'],
  ])('in %s, %s becomes %s', (page, source, path) => {
    expect(siteImage(page, source)).toBe(path);
  });
});

describe('building', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hedgerow-site-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('makes pages of what is linked to outside docs, and of what that links to', () => {
    write('docs/a.md', 'See [b](../b/README.md), [elsewhere](https://example.com/x.md).\n```ts\nconst list = [1](../not-a-link.md);\n```\n');
    write('b/README.md', '[code](src/c.ts), [back](../docs/a.md)');
    write('b/src/c.ts', 'export const c = 1;\n');
    expect(showRepository(folder)).toBe(2);
    expect(existsSync(join(folder, 'docs/repository/b/README.md'))).toBe(true);
    expect(existsSync(join(folder, 'docs/repository/b/src/c.ts.md'))).toBe(true);
  });

  it('finds links that lead nowhere', () => {
    write('index.html', '<h1 id="top">a</h1><a href="/b.html#there">1</a><a href="/b.html#gone">2</a><a href="#top">3</a><a href="/c.html">4</a><img src="/d.svg">');
    write('b.html', '<h2 id="there">b</h2><a href="/">1</a><a href="https://example.com/">2</a><a href="/e/">3</a>');
    expect(brokenLinks(folder)).toEqual(['b.html: /e/', 'index.html: /b.html#gone', 'index.html: /c.html', 'index.html: /d.svg']);
  });

  function write(path: string, text: string): void {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
});

function linksOf({ link, items = [] }: SidebarItem): string[] {
  return [...(link === undefined ? [] : [link]), ...items.flatMap(linksOf)];
}
