import { AsyncLocalStorage } from 'node:async_hooks';
import { Agent, fetch as undiciFetch, type Dispatcher } from 'undici';
import { Hedger, type HedgeInfo } from '@hedgerow/core';
import { attachInfo, bypassInfo } from '@hedgerow/core/adapter';
import { hedgeInfo, hedgeInterceptor, isHedge } from '@hedgerow/fetch';
import { within } from '../support/wait.js';
import type { ContractDriver } from './driver.js';
import { undiciFetchSubstitutes } from './undici-fetch-substitutes.js';

/**
 * A plain `fetch` over a dispatcher with the interceptor. A `fetch` hands nothing of its own to its dispatcher, and nothing of the
 * dispatcher's to its caller: options of one request are an interceptor of its own, and what happened to it is heard from the Hedger.
 */
export function undiciFetchDriver(): ContractDriver {
  return {
    name: "undici's fetch over a dispatcher with the interceptor",
    raceUntil: 'headers',
    hedgeInfo,
    isHedge,
    isSteerable: true,
    refusesUserInfo: true,
    instead: undiciFetchSubstitutes,
    errors: {
      aborted: { name: 'AbortError' },
      timeout: { name: 'TimeoutError' },
      reset: { name: 'TypeError', cause: { code: 'ECONNRESET' } },
      hedgeTimeout: { name: 'TypeError', cause: { name: 'TimeoutError', cause: { name: 'HedgeTimeoutError', code: 'HEDGE_TIMEOUT' } } },
    },
    create({ hedger, ...options }) {
      const scheduler = hedger ?? new Hedger(options);
      const agent = new Agent();
      const own = hedger ? { ...options, hedger } : { hedger: scheduler };
      const dispatcher = agent.compose(hedgeInterceptor(own));
      const calls = listen(scheduler);
      return {
        hedger: scheduler,
        close: () => void agent.destroy(),
        request: ({ method = 'GET', url, headers, body, signal: given, timeoutMs, hedge }) =>
          calls.run(new Told(), async () => {
            const told = calls.getStore() ?? new Told();
            const signal = timeoutMs === undefined ? given : AbortSignal.timeout(timeoutMs);
            if (hedge) scheduler.resolve(hedge); // a `fetch` wraps what its dispatcher throws
            try {
              const response = await undiciFetch(url, {
                dispatcher: hedge === undefined ? dispatcher : dispatcher.compose(asking(hedge)),
                method,
                ...(body !== undefined && { body: body as string, duplex: 'half' }),
                ...(headers && { headers: { ...headers } }),
                ...(signal && { signal }),
              });
              attachInfo(response, await told.info);
              const bytes = new Uint8Array(await response.arrayBuffer());
              return { status: response.status, headers: Object.fromEntries(response.headers), body: bytes, carrier: response };
            } catch (error) {
              if (told.isAsked) attachInfo(error, await within(1_000, 'the Hedger to know', told.info));
              throw error;
            }
          }),
      };
    },
  };
}

/** Gives requests options of their own. */
function asking(hedge: unknown): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => dispatch({ ...options, ...({ hedge } as object) }, handler);
}

/** What a Hedger says of one request. */
class Told {
  isAsked = false;
  tell!: (info: HedgeInfo) => void;
  readonly info = new Promise<HedgeInfo>((resolve) => (this.tell = resolve));
}

function listen(hedger: Hedger): AsyncLocalStorage<Told> {
  const calls = new AsyncLocalStorage<Told>();
  const asked = (): Told | undefined => {
    const told = calls.getStore();
    if (told !== undefined) told.isAsked = true;
    return told;
  };
  hedger.observe({
    onCall: () => {
      const told = asked();
      return { onEnd: (info) => told?.tell(info) };
    },
    onBypass: (request, reason) => asked()?.tell(bypassInfo(request, 'headers', reason, 0)),
  });
  return calls;
}
