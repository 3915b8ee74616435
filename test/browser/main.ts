import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { PAGES, type PageSpec } from './pages.js';

/**
 * Opens every page in headless Chromium, at the width of a desk (light and dark) and of a phone, and takes screenshots. Exits with 1 if a page logs an
 * error, asks for anything it should not, or is wider than the screen.
 */
const SCREENS = {
  desktop: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
} as const;

const CANDIDATES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const SCREENSHOTS = 'screenshots';

const executablePath = CANDIDATES.find((path) => path !== undefined && existsSync(path));
if (executablePath === undefined) {
  console.error('There is no Chromium: install it with scripts/install-chromium.sh (apt-get install chromium), or name one in CHROMIUM.');
  process.exit(1);
}
await mkdir(SCREENSHOTS, { recursive: true });
const browser = await chromium.launch({ executablePath, args: FLAGS });
let failures = 0;
try {
  // A word on the command line picks pages by name.
  for (const spec of PAGES.filter(({ name }) => name.includes(process.argv[2] ?? ''))) {
    const problems = await look(browser, spec);
    console.log(`${problems.length === 0 ? '✓' : '✗'} ${spec.name}`);
    for (const problem of problems) console.log(`    ${problem}`);
    failures += problems.length;
  }
} finally {
  await browser.close();
}
console.log(failures === 0 ? `All pages are as they should be; see ${SCREENSHOTS}/.` : `${failures} problem(s); see ${SCREENSHOTS}/.`);
process.exitCode = failures === 0 ? 0 : 1;

async function look(browser: Browser, spec: PageSpec): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'hedgerow-page-'));
  const problems: string[] = [];
  try {
    await using made = await spec.open(directory);
    for (const [screen, { colorScheme, viewport }] of Object.entries(SCREENS)) {
      const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 1 });
      const page = await context.newPage();
      watch(page, made.url, spec.mayAbort === true, (problem) => problems.push(`${screen}: ${problem}`));
      await page.goto(made.url, { waitUntil: 'load' });
      if (spec.ready !== undefined) {
        await page.evaluate(spec.ready).catch((error: unknown) => problems.push(`${screen}: not ready: ${String(error)}`));
      }
      // As text, because this program knows no DOM types.
      const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
      if (width > viewport.width) problems.push(`${screen}: the page is ${width} pixels wide, the screen ${viewport.width}`);
      await page.screenshot({ path: join(SCREENSHOTS, `${spec.name}-${screen}.png`), fullPage: true });
      await context.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return problems;
}

/** A page in a file is to load nothing at all, a served one only from its own origin. */
function watch(page: Page, url: string, mayAbort: boolean, report: (problem: string) => void): void {
  const { origin, protocol } = new URL(url);
  const isOwn = (address: string): boolean => (protocol === 'file:' ? address === url : address.startsWith(`${origin}/`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') report(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => report(`uncaught: ${error.message}`));
  page.on('request', (request) => {
    if (!isOwn(request.url()) && !request.url().startsWith('data:')) report(`asks for ${request.url()}`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    if (!mayAbort || reason !== 'net::ERR_ABORTED') report(`failed: ${request.url()} (${reason})`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) report(`${response.status()}: ${response.url()}`);
  });
}
