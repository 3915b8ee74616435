import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout; this file runs from `test/.build/docs`. */
export const ROOT: string = join(dirname(fileURLToPath(import.meta.url)), '../../..');

/** What `npm run docs` makes for the site, and what others wrote. */
const NOT_OURS = /^docs\/(?:api|repository|\.vitepress)\/|\/node_modules\//;

/** A page of documentation. */
export interface Page {
  /** From the root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** A block of code in a page. */
export interface Block {
  readonly page: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly language: string;
  /** Words after the language: `run`, `no-check`, `recipe`. */
  readonly marks: readonly string[];
  readonly code: string;
}

/** READMEs, guides and changelogs: everything that users read. */
export function pages(): Page[] {
  const packages = readdirSync(join(ROOT, 'packages')).flatMap((name) => markdownIn(`packages/${name}`, false));
  return [...markdownIn('.', false), ...markdownIn('docs', true), ...markdownIn('examples', true), ...packages];
}

/** The fenced blocks of a page. */
export function blocksOf({ path, text }: Page): Block[] {
  const blocks: Block[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const [, fence, info] = /^\s*(```+)\s*(.*)$/.exec(lines[index] ?? '') ?? [];
    if (fence === undefined) continue;
    const start = index + 1;
    do index++;
    while (index < lines.length && lines[index]?.trim() !== fence);
    if (index >= lines.length) throw new Error(`${path}:${start}: this block has no end`);
    const [language = '', ...marks] = (info ?? '').trim().split(/\s+/);
    blocks.push({ page: path, line: start + 1, language, marks, code: lines.slice(start, index).join('\n') });
  }
  return blocks;
}

function markdownIn(folder: string, recursive: boolean): Page[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !NOT_OURS.test(relative(ROOT, file).replaceAll('\\', '/')))
    .sort()
    .map((file) => ({ path: relative(ROOT, file).replaceAll('\\', '/'), text: readFileSync(file, 'utf8') }));
}
