import { createServer } from 'node:http';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import type { Browser } from 'playwright-core';
import { closeServer, trackSockets } from '../support/sockets.js';
import { launchChromium, overflow, SCREENS, SCREENSHOTS, watch } from './chromium.js';

/**
 * Opens every page of the built site in headless Chromium, on a desk, in the dark and on a phone. Exits with 1 if a page logs an error, asks for anything
 * outside the site, or is wider than the screen, or if the search does not find a word. Of some pages it takes screenshots.
 */
const DIST = 'docs/.vitepress/dist';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
};

/** Pages of which a person looks at pictures, and the names of those. */
const PICTURES: Readonly<Record<string, string>> = {
  'index.html': 'start',
  'how-it-decides.html': 'how-it-decides',
  'guides/axios.html': 'guide-axios',
  'options.html': 'options',
  'benchmarks.html': 'benchmarks',
  'api/@hedgerow/core/classes/Hedger.html': 'api-hedger',
  'api/@hedgerow/axios/index.html': 'api-axios',
};

/** Of the API only the pages of packages and these are opened; its other two hundred are made by the same program. */
const API_PAGES: readonly string[] = ['Hedger.html', 'HedgeOptions.html', 'hedgedFetch.html', 'Scenario.html'];

/** Words that a reader may look for, and a page that has to be among the first that are found. */
const SEARCHES: Readonly<Record<string, string>> = { pushback: '/options.html#pushback', stripAffinityCookies: '/options.html', HAProxy: '/guides/load-balancers.html' };

if (!existsSync(join(DIST, 'index.html'))) {
  console.error(`There is no site in ${DIST}: npm run docs builds it.`);
  process.exit(1);
}
await mkdir(SCREENSHOTS, { recursive: true });
const pages = readdirSync(DIST, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.html') && (!name.startsWith('api/') || name.endsWith('index.html') || API_PAGES.some((page) => name.endsWith(`/${page}`))),
);
const server = createServer((request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://site');
  // Pages name their icon; a browser asks for this one beside a picture that is opened alone.
  if (pathname === '/favicon.ico') return void response.writeHead(204).end();
  const path = join(DIST, decodeURIComponent(pathname.endsWith('/') ? `${pathname}index.html` : pathname));
  readFile(path).then(
    (content) => response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream').end(content),
    () => response.writeHead(404).end(),
  );
});
const sockets = trackSockets(server);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const browser = await launchChromium();
const problems: string[] = [];
try {
  await openAll(browser);
  for (const [name, picture] of Object.entries(PICTURES)) await photograph(browser, name, picture);
  await search(browser);
} finally {
  await browser.close();
  await closeServer(server, sockets);
}
for (const problem of problems) console.log(`✗ ${problem}`);
console.log(
  problems.length === 0
    ? `${pages.length} pages are as they should be; see ${SCREENSHOTS}/.`
    : `${problems.length} problem(s); see ${SCREENSHOTS}/.`,
);
process.exitCode = problems.length === 0 ? 0 : 1;

/** One visit for each page, on a desk; then the window becomes as narrow as a phone. */
async function openAll(browser: Browser): Promise<void> {
  const { desktop, phone } = SCREENS;
  const context = await browser.newContext({ viewport: desktop.viewport });
  for (const name of pages) {
    const page = await context.newPage();
    const complain = (problem: string): void => void problems.push(`${name}: ${problem}`);
    watch(page, `${origin}/${name}`, true, complain);
    await page.goto(`${origin}/${name}`, { waitUntil: 'load' });
    for (const { viewport } of [desktop, phone]) {
      await page.setViewportSize(viewport);
      const tooWide = await overflow(page);
      if (tooWide !== undefined) complain(tooWide);
    }
    // Prefetching of what it links to is given up.
    await page.close();
  }
  console.log(`  ${pages.length} pages opened`);
  await context.close();
}

/** As each kind of reader meets it first, and its first plot. */
async function photograph(browser: Browser, name: string, picture: string): Promise<void> {
  for (const [screen, { viewport, colorScheme }] of Object.entries(SCREENS)) {
    const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 1 });
    const page = await context.newPage();
    watch(page, `${origin}/${name}`, true, (problem) => problems.push(`${name}, ${screen}: ${problem}`));
    await page.goto(`${origin}/${name}`, { waitUntil: 'load' });
    await page.screenshot({ path: join(SCREENSHOTS, `site-${picture}-${screen}.png`) });
    const plot = page.locator('.vp-doc img').first();
    if ((await plot.count()) > 0) {
      await plot.scrollIntoViewIfNeeded();
      await page.screenshot({ path: join(SCREENSHOTS, `site-${picture}-${screen}-plot.png`) });
      await plot.click();
      await page.waitForURL(/\.svg$/);
    }
    await context.close();
  }
}

/** Types words into the search of the start page. */
async function search(browser: Browser): Promise<void> {
  const context = await browser.newContext({ viewport: SCREENS.desktop.viewport });
  const page = await context.newPage();
  watch(page, origin, true, (problem) => problems.push(`search: ${problem}`));
  await page.goto(`${origin}/`, { waitUntil: 'load' });
  await page.locator('#local-search button').click();
  for (const [word, wanted] of Object.entries(SEARCHES)) {
    await page.locator('.search-input').fill(word);
    const found = page.locator(`.results a[href^="${wanted}"]`).first();
    const isFound = await found.waitFor({ state: 'visible', timeout: 5_000 }).then(
      () => true,
      () => false,
    );
    if (!isFound) problems.push(`search: ${word} does not lead to ${wanted}`);
    await page.screenshot({ path: join(SCREENSHOTS, `site-search-${word}.png`) });
  }
  await context.close();
}
