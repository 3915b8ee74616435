/** What a runtime does otherwise than Node, with or without hedgerow, and what the contract expects there instead. */
export interface Differences {
  /** What its `fetch` throws when a server cuts the connection, for `toMatchObject`. */
  readonly reset: object;
  /** Whether its `node:http` reads what waits in sockets before timers that are late. */
  readonly readsSocketsFirst: boolean;
  /** The same in words, for the page. */
  readonly because: readonly string[];
}

export const DIFFERENCES: Readonly<Record<'Node' | 'Bun' | 'Deno', Differences>> = {
  Node: { reset: { name: 'TypeError', cause: { code: 'ECONNRESET' } }, readsSocketsFirst: false, because: [] },
  Bun: {
    reset: { name: 'TypeError', code: 'ECONNRESET' },
    readsSocketsFirst: true,
    because: [
      'When a server cuts the connection, the `code` stands on the error of `fetch` itself instead of on its `cause`.',
      'Its `node:http` reads answers that wait in sockets before it fires late timers, so a blocked event loop would hedge nothing even without the look at them.',
    ],
  },
  Deno: {
    reset: { name: 'TypeError' },
    readsSocketsFirst: false,
    because: [
      'When a server cuts the connection, the error of `fetch` has no `code`.',
      'One call of its `http.request` may reach the server as two requests (seen where an earlier one had been aborted); the totals of `stats()` are tried without losers before them.',
    ],
  },
};

/** On which of them this runs. */
export function thisRuntime(): keyof typeof DIFFERENCES {
  if ('Bun' in globalThis) return 'Bun';
  return 'Deno' in globalThis ? 'Deno' : 'Node';
}
