import { posix } from 'node:path';

/**
 * Where links of the documentation lead on the site. Pages are written for the repository, where a link may point to any file of it. What lies
 * outside `docs/` and is linked to is a page below `repository/`, at the file's own path; a file that is not Markdown is shown in a page of its own.
 */

/** The folder of the site for what is not in `docs/`; made when the site is built. */
export const REPOSITORY = 'repository';

/** What a folder of `docs/` opens with, in the repository and on the site. */
const README = /(^|\/)README\.md$/;
const INDEX = /(^|\/)index\.md$/;

/** The file, from the root of the repository, that a link of a site's page (`guides/axios.md`) is about; `undefined` if it leads elsewhere. */
export function linkedFile(page: string, href: string): string | undefined {
  const [path = ''] = href.split('#');
  if (path === '' || path.startsWith('/') || /^[a-z][a-z+.-]*:/i.test(path)) return undefined;
  return posix.normalize(posix.join(posix.dirname(sourceOf(page)), path));
}

/** The link as the site needs it, absolute and with `.md`, which VitePress turns into its own. */
export function siteLink(page: string, href: string): string {
  const file = linkedFile(page, href);
  if (file === undefined) return href;
  const anchor = href.includes('#') ? href.slice(href.indexOf('#')) : '';
  return `/${pageOf(file)}${anchor}`;
}

/** The address of a picture as VitePress needs it, which packs what a relative one names: the same file, seen from where the page is in `docs/`. */
export function siteImage(page: string, source: string): string {
  const file = linkedFile(page, source);
  if (file === undefined) return source;
  if (!file.startsWith('docs/')) throw new Error(`${page} shows ${file}, and pictures have to be in docs/`);
  const path = posix.relative(posix.dirname(page), file.slice('docs/'.length));
  return path.startsWith('.') ? path : `./${path}`;
}

/** The page, from the site's root, that shows a file of the repository. */
export function pageOf(file: string): string {
  if (file.startsWith('docs/')) return file.slice('docs/'.length).replace(README, '$1index.md');
  return `${REPOSITORY}/${file}${file.endsWith('.md') ? '' : '.md'}`;
}

/** The file of the repository that a page shows. */
function sourceOf(page: string): string {
  return page.startsWith(`${REPOSITORY}/`) ? page.slice(REPOSITORY.length + 1) : `docs/${page.replace(INDEX, '$1README.md')}`;
}

/** The anchor of a heading, as GitHub makes it, so that one link is right in both places. */
export function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}
