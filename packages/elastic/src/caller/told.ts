import { hedgeInfo, type HedgeInfo } from '@hedgerow/core';
import { attachInfo, reserveInfo } from '@hedgerow/core/adapter';
import type { Exchange } from '../client.js';

/** What happened to a request: of retries the last one counts. Hidden even from copies and deep comparisons. */
export function note(exchange: Exchange, info: HedgeInfo): void {
  reserveInfo(exchange);
  attachInfo(exchange, info);
}

/** Before the caller gets it: whatever of the client's he gets, his answer's body, the result with `meta`, or an error, says what happened. */
export function tell(exchange: Exchange, error: unknown): void {
  const info = hedgeInfo(exchange);
  if (info === undefined) return;
  for (const carrier of [exchange.body, error]) {
    if (typeof carrier !== 'object' || carrier === null) continue;
    reserveInfo(carrier);
    attachInfo(carrier, info);
  }
}
