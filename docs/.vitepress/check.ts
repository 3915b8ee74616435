import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Links of the built site that lead nowhere: to a page or file that is not there, or to an anchor that its page has not. Other sites are not asked. */
export function brokenLinks(dist: string): string[] {
  const pages = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.html'))
    .sort();
  const texts = new Map(pages.map((page) => [page, readFileSync(join(dist, page), 'utf8')]));
  const anchors = new Map(Array.from(texts, ([page, text]) => [page, new Set(Array.from(text.matchAll(/\sid="([^"]+)"/g), ([, id = '']) => unescape(id)))]));
  const leadsSomewhere = (page: string, href: string): boolean => {
    const [path = '', anchor] = unescape(href).split('#');
    const file = path === '' ? page : fileOf(page, path);
    if (anchor === undefined || anchor === '') return existsSync(join(dist, file));
    return anchors.get(file)?.has(decodeURIComponent(anchor)) === true;
  };
  return Array.from(texts, ([page, text]) =>
    Array.from(new Set(Array.from(text.matchAll(/\s(?:href|src)="([^"]*)"/g), ([, href = '']) => href)))
      .filter((href) => !/^(?:[a-z][a-z+.-]*:|\/\/)/i.test(href) && !leadsSomewhere(page, href))
      .map((href) => `${page}: ${href}`),
  ).flat();
}

/** As a server of static files finds it. */
function fileOf(page: string, path: string): string {
  const [address = ''] = path.split('?');
  const file = decodeURIComponent(address.startsWith('/') ? address.slice(1) : posix.join(posix.dirname(page), address));
  return file === '' || file.endsWith('/') ? `${file}index.html` : file;
}

function unescape(text: string): string {
  return text.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
