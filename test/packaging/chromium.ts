import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../browser/chromium.js';

/** A browser that is started when it is first needed. */
export interface Chromium extends AsyncDisposable {
  /** Opens a page, lets it get a script, and has it make its calls; throws if it cannot, or complains. */
  readonly hedge: (url: string, backend: unknown, prepare?: (page: Page) => Promise<unknown>) => Promise<unknown>;
}

export function lazyChromium(): Chromium {
  let browser: Promise<Browser> | undefined;
  return {
    async hedge(url, backend, prepare) {
      const page = await (await (browser ??= launchChromium())).newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(`console: ${message.text()}`);
      });
      try {
        await page.goto(url, { waitUntil: 'load' });
        await prepare?.(page);
        await page.waitForFunction('globalThis.hedgerow', undefined, { timeout: 10_000 });
        const infos: unknown = await page.evaluate(`hedgerow(${JSON.stringify(backend)})`);
        if (problems.length > 0) throw new Error(problems.join('\n'));
        return infos;
      } catch (error) {
        throw new Error([String(error), ...problems].join('\n'), { cause: error });
      } finally {
        await page.close();
      }
    },
    async [Symbol.asyncDispose]() {
      await (await browser)?.close();
    },
  };
}
