import type { AxiosAdapter } from 'axios';
import { AxiosCall } from './call.js';
import { Caller } from './caller.js';
import { resolveAdapterOptions, senderFor, type AxiosHedgeOptions } from './options.js';
import { wrap } from './recursion.js';

/**
 * An axios adapter that sends a backup copy of a slow idempotent request and returns whichever copy answers first.
 *
 * ```ts
 * const client = axios.create({ adapter: hedgedAdapter() });
 * ```
 *
 * Interceptors and transforms run once per call; everything else that axios documents keeps working. A request that is not
 * eligible goes through axios' own adapter with its config untouched.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function hedgedAdapter(options: AxiosHedgeOptions = {}): AxiosAdapter {
  const { hedger, defaults, adapter } = resolveAdapterOptions(options);

  const hedged: AxiosAdapter = (config) => {
    try {
      const { hedge } = config;
      const perCall = hedge === false ? false : hedger.resolve(hedge, defaults);
      const sender = senderFor(adapter, config);
      const caller = Caller.of(config);
      return caller.during(hedger.run(new AxiosCall(config, sender, caller, perCall), perCall));
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return wrap(hedged, adapter);
}
