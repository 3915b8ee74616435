import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium, overflow, SCREENS, SCREENSHOTS, watch } from './chromium.js';
import { PAGES, type PageSpec } from './pages.js';

/**
 * Opens every page in headless Chromium, at the width of a desk (light and dark) and of a phone, and takes screenshots. Exits with 1 if a page logs an
 * error, asks for anything it should not, or is wider than the screen.
 */
await mkdir(SCREENSHOTS, { recursive: true });
const browser = await launchChromium();
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
      const tooWide = await overflow(page);
      if (tooWide !== undefined) problems.push(`${screen}: ${tooWide}`);
      await page.screenshot({ path: join(SCREENSHOTS, `${spec.name}-${screen}.png`), fullPage: true });
      await context.close();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  return problems;
}
