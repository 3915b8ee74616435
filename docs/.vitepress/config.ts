import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type UserConfig } from 'vitepress';
import { siteImage, siteLink, slugOf } from './links.js';
import { apiSidebarOf, sidebarOf } from './sidebar.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The page of a file that is not Markdown itself. */
const CODE_PAGE = /^repository\/.*\.(?!md\.)\w+\.md$/;

/** What VitePress tells the Markdown renderer. */
interface PageEnv {
  readonly relativePath: string;
}

/** The site of `docs/`. Nothing is fetched from elsewhere, neither when it is built nor when it is read. */
const config: UserConfig = defineConfig({
  title: 'hedgerow',
  description: 'Request hedging for Node: a backup copy of a slow idempotent request, for axios, got, fetch and gRPC.',
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/icon.svg' }]],
  rewrites: { 'README.md': 'index.md', 'decisions/README.md': 'decisions/index.md' },
  markdown: {
    anchor: { slugify: slugOf },
    // The highlighter does not know these languages; those look alike.
    languageAlias: { promql: 'sql', haproxy: 'nginx' },
    config: (markdown) => {
      markdown.core.ruler.push('links-of-the-repository', ({ tokens, env }) => {
        const { relativePath } = env as PageEnv;
        if (relativePath.startsWith('api/')) return;
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          if (token.type === 'link_open') token.attrSet('href', siteLink(relativePath, token.attrGet('href') ?? ''));
          if (token.type === 'image') token.attrSet('src', siteImage(relativePath, token.attrGet('src') ?? ''));
        }
      });
    },
  },
  themeConfig: {
    logo: '/icon.svg',
    search: {
      provider: 'local',
      // Files of code have pages, because others link to them; whoever searches wants words.
      options: { _render: (text, env, markdown) => (CODE_PAGE.test((env as PageEnv).relativePath) ? '' : markdown.render(text, env)) },
    },
    outline: [2, 3],
    nav: [
      { text: 'Quick start', link: '/start' },
      { text: 'Options', link: '/options' },
      { text: 'Benchmarks', link: '/benchmarks' },
      { text: 'API', link: '/api/' },
    ],
    sidebar: { '/': sidebarOf(ROOT), '/api/': apiSidebarOf(ROOT) },
  },
  // The index of the search is the largest chunk, and is loaded when somebody searches. Pictures stay files, which a reader can open.
  vite: { build: { chunkSizeWarningLimit: 1500, assetsInlineLimit: 0 } },
  // The figures beside the plots are links, and no part of a page.
  buildEnd: ({ outDir }) => {
    cpSync(join(ROOT, 'docs/benchmarks'), join(outDir, 'benchmarks'), { recursive: true, filter: (file) => !file.endsWith('.svg') });
  },
});
export default config;
