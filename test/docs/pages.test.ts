import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Hedger, type HedgerOptions } from '@hedgerow/core';
import { recipes } from '../recipes/clients/starters.js';
import { blocksOf, pages, ROOT, type Page } from './pages.js';

describe('pages of the documentation', () => {
  it('link to what exists', () => {
    expect(pages().flatMap(brokenLinks)).toEqual([]);
  });

  it('name every option', () => {
    const options = readFileSync(join(ROOT, 'docs/options.md'), 'utf8');
    const missing = knownOptions().filter((name) => !options.includes(`\`${name}\``) && !options.includes(`\`${name}.`));
    expect(missing).toEqual([]);
  });

  it('give recipes as they are tested against real servers', () => {
    const page = ['any-promise', 'servers'].map((name) => readFileSync(join(ROOT, `docs/guides/${name}.md`), 'utf8')).join('\n');
    const kept = readdirSync(join(ROOT, 'test/recipes/recipes'));
    expect(kept).toHaveLength(3);
    for (const recipe of kept) expect(page).toContain(`\`\`\`ts\n${readFileSync(join(ROOT, 'test/recipes/recipes', recipe), 'utf8')}\`\`\``);
  });

  it('give recipes for clients as they are run, each of them once', () => {
    const shown = pages().flatMap(blocksOf).filter(({ marks }) => marks.includes('recipe'));
    const hedger = readFileSync(join(ROOT, 'test/recipes/clients/starters/clients/hedger.ts'), 'utf8');
    expect(shown.map(({ code }) => `${code}\n`).sort()).toEqual([hedger, ...recipes().map(({ code }) => code)].sort());
  });

  it.each(['docs/telemetry.md', 'docs/options.md', 'docs/how-it-decides.md', 'docs/glossary.md'])('%s names every reason why no hedge is sent', (page) => {
    const reasons = Object.keys(new Hedger().stats().suppressions).filter((reason) => reason !== 'shadow');
    const text = readFileSync(join(ROOT, page), 'utf8');
    expect(reasons.filter((reason) => !text.includes(`\`${reason}\``))).toEqual([]);
  });
});

/** What a Hedger itself says that it knows. */
function knownOptions(): string[] {
  try {
    new Hedger({ nonsense: true } as HedgerOptions);
  } catch (error) {
    return String(error).split('known are ')[1]?.split(', ') ?? [];
  }
  return [];
}

function brokenLinks({ path, text }: Page): string[] {
  // Code has brackets of its own, in blocks and in lines.
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/(`+)(?!`).+?(?<!`)\1(?!`)/g, '');
  return Array.from(prose.matchAll(/\]\(([^)\s]+)\)/g), ([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => !leadsSomewhere(path, target))
    .map((target) => `${path}: ${target}`);
}

function leadsSomewhere(from: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const path = file === '' ? join(ROOT, from) : join(ROOT, dirname(from), file);
  if (!existsSync(path)) return false;
  return anchor === undefined || anchorsOf(readFileSync(path, 'utf8')).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return Array.from(text.matchAll(/^#+ (.+)$/gm), ([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(/\s/g, '-'),
  );
}
