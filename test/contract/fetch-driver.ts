import type { RaceUntil } from '@hedgerow/core';
import { hedgedFetch, hedgeInfo, isHedge, type FetchLike } from '@hedgerow/fetch';
import { Hedger } from '@hedgerow/core';
import type { ContractDriver } from './driver.js';

/** A `fetch` of any make, racing to headers or to whole bodies. `reset`: what its error looks like when the server cuts the connection. */
export function fetchDriver(
  name: string,
  fetch: FetchLike,
  raceUntil: RaceUntil & ContractDriver['raceUntil'] = 'headers',
  reset: object = { name: 'TypeError', cause: { code: 'ECONNRESET' } },
): ContractDriver {
  return {
    name: `${name}, racing to ${raceUntil}`,
    raceUntil,
    hedgeInfo,
    isHedge,
    isSteerable: true,
    refusesUserInfo: true,
    errors: {
      aborted: { name: 'AbortError' },
      timeout: { name: 'TimeoutError' },
      reset,
      hedgeTimeout: { name: 'TimeoutError', cause: { name: 'HedgeTimeoutError', code: 'HEDGE_TIMEOUT' } },
    },
    create({ hedger, ...options }) {
      const scheduler = hedger ?? new Hedger(options);
      const own = hedger ? { ...options, hedger } : { hedger: scheduler };
      const send = hedgedFetch(fetch as typeof globalThis.fetch, { raceUntil, ...own });
      return {
        hedger: scheduler,
        async request({ method = 'GET', url, headers, body, signal: given, timeoutMs, hedge }) {
          const signal = timeoutMs === undefined ? given : AbortSignal.timeout(timeoutMs);
          const response = await send(url, {
            method,
            ...(body !== undefined && { body: body as RequestInit['body'] & object, duplex: 'half' }),
            ...(headers && { headers: { ...headers } }),
            ...(signal && { signal }),
            ...(hedge !== undefined && { hedge }),
          });
          return {
            status: response.status,
            headers: Object.fromEntries(response.headers),
            body: new Uint8Array(await response.arrayBuffer()),
            carrier: response,
          };
        },
      };
    },
  };
}
