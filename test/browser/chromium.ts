import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

/** A desk, light and dark, and a phone. */
export const SCREENS = {
  desktop: { viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, colorScheme: 'light' },
} as const;

/** Where screenshots go. */
export const SCREENSHOTS = 'screenshots';

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

/** Chromium without a window. Ends the process with 1 where there is none. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = CANDIDATES.find((path) => path !== undefined && existsSync(path));
  if (executablePath === undefined) {
    console.error('There is no Chromium: install it with scripts/install-chromium.sh (apt-get install chromium), or name one in CHROMIUM.');
    process.exit(1);
  }
  return await chromium.launch({ executablePath, args: FLAGS });
}

/** How much wider than its screen a page is, as a complaint; `undefined` if it is not. */
export async function overflow(page: Page): Promise<string | undefined> {
  // As text, because this program knows no DOM types.
  const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
  const screen = page.viewportSize()?.width ?? 0;
  return width > screen ? `the page is ${width} pixels wide, the screen ${screen}` : undefined;
}

/** A page in a file is to load nothing at all, a served one only from its own origin. */
export function watch(page: Page, url: string, mayAbort: boolean, report: (problem: string) => void): void {
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
