import { Agent, request as undiciRequest, type Dispatcher } from 'undici';
import { Hedger, type RaceUntil } from '@hedgerow/core';
import { hedgeInfo, hedgeInterceptor, isHedge, type HedgeInit } from '@hedgerow/fetch';
import type { ContractDriver } from './driver.js';

/** `undici.request` over a dispatcher with the interceptor, and with others around it. */
export function undiciDriver(
  name: string,
  compose: (hedging: Dispatcher.DispatcherComposeInterceptor) => Dispatcher.DispatcherComposeInterceptor[] = (hedging) => [hedging],
  raceUntil: RaceUntil & ContractDriver['raceUntil'] = 'headers',
): ContractDriver {
  return {
    name: `undici.request, ${name}, racing to ${raceUntil}`,
    raceUntil,
    hedgeInfo,
    isHedge,
    isSteerable: true,
    refusesUserInfo: true, // it does not send it
    errors: {
      aborted: { name: 'AbortError' },
      timeout: { name: 'TimeoutError' },
      reset: { code: 'ECONNRESET' },
      hedgeTimeout: { name: 'TimeoutError', cause: { name: 'HedgeTimeoutError', code: 'HEDGE_TIMEOUT' } },
    },
    create({ hedger, ...options }) {
      const scheduler = hedger ?? new Hedger(options);
      const agent = new Agent();
      const own = hedger ? { ...options, hedger } : { hedger: scheduler };
      const dispatcher = agent.compose(compose(hedgeInterceptor({ raceUntil, ...own })));
      return {
        hedger: scheduler,
        close: () => void agent.destroy(),
        async request({ method = 'GET', url, headers, body, signal: given, timeoutMs, hedge }) {
          const signal = timeoutMs === undefined ? given : AbortSignal.timeout(timeoutMs);
          const perCall: HedgeInit = hedge === undefined ? {} : { hedge };
          const response = await undiciRequest(url, {
            dispatcher,
            method: method,
            ...(body !== undefined && { body }),
            ...(headers && { headers: { ...headers } }),
            ...(signal && { signal }),
            ...perCall,
          });
          return {
            status: response.statusCode,
            headers: response.headers,
            body: new Uint8Array(await response.body.arrayBuffer()),
            carrier: response,
          };
        },
      };
    },
  };
}
