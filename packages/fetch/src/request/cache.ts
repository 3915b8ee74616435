/** How browsers, and none of the other runtimes, begin their names. */
const BROWSER = 'Mozilla/';

/**
 * How a hedge uses the browser's cache; `undefined`: as its primary does. Chromium's lets one request for a URL through at a time: another one waits for the
 * head of the first, for up to 20 seconds, and a hedge would wait for what it is to overtake. One that goes past the cache does not wait, and is kept there if it wins.
 */
export function cacheOfHedge(asked: string | undefined): 'reload' | undefined {
  const { navigator } = globalThis as Surroundings;
  const isLeftToTheCache = asked === undefined || asked === 'default';
  return isLeftToTheCache && navigator?.userAgent?.startsWith(BROWSER) === true ? 'reload' : undefined;
}

interface Surroundings {
  readonly navigator?: { readonly userAgent?: string };
}
