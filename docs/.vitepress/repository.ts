import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { linkedFile, pageOf, REPOSITORY } from './links.js';
import { repositoryPages, writtenPages } from './sidebar.js';

/** Of the highlighter, where the ending of a file is not its name. */
const LANGUAGES: Readonly<Record<string, string>> = { '.cfg': 'text', '.proto': 'proto' };

/** Makes a page of everything outside `docs/` that pages link to, and that those link to in turn. Returns how many. */
export function showRepository(root: string): number {
  rmSync(join(root, 'docs', REPOSITORY), { recursive: true, force: true });
  const docs = join(root, 'docs');
  const waiting = [...repositoryPages(root), ...writtenPages(docs).flatMap((page) => filesOutside(page, readFileSync(join(docs, page), 'utf8')))];
  const shown = new Set<string>();
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (shown.has(file)) continue;
    shown.add(file);
    const page = pageOf(file);
    const text = contentOf(root, file);
    const target = join(docs, page);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    if (file.endsWith('.md')) waiting.push(...filesOutside(page, text));
  }
  return shown.size;
}

/** Markdown as it is; anything else in a block of code; a folder as the list of its files. */
function contentOf(root: string, file: string): string {
  const path = join(root, file);
  if (statSync(path).isDirectory()) {
    return `# ${file}\n\n${readdirSync(path)
      .map((name) => `- \`${name}\``)
      .join('\n')}\n`;
  }
  const text = readFileSync(path, 'utf8');
  if (file.endsWith('.md')) return text;
  const language = LANGUAGES[extname(file)] ?? extname(file).slice(1);
  return `# ${file}\n\n\`\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\`\n`;
}

function filesOutside(page: string, text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '');
  return Array.from(prose.matchAll(/(?<!!\[[^\]]*)\]\(([^)\s]+)\)/g), ([, href = '']) => linkedFile(page, href)).filter(
    (file): file is string => file !== undefined && !file.startsWith('docs/'),
  );
}
