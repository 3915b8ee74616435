import type { AxiosAdapter } from 'axios';
import { sendUnsupported } from '@hedgerow/core/adapter';
import { Connections } from './attempt/connections.js';
import { innerFor } from './attempt/inner-adapter.js';
import { AxiosCall } from './call/call.js';
import { Caller, refusal } from './caller/caller.js';
import { resolveOptions, type AxiosHedgeOptions } from './options.js';
import { wrap } from './recursion.js';
import { describeRequest, isHttp } from './request/describe.js';
import { Query } from './request/query.js';

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
  const { hedger, defaults, adapter } = resolveOptions(options);
  const connections = new Connections(hedger.resets);
  const { afterPoll } = hedger.clock;

  const hedged: AxiosAdapter = (config) => {
    try {
      const { hedge } = config;
      const hedgeOptions = hedge === false ? false : hedger.resolve(hedge, defaults);
      const inner = innerFor(adapter, config);
      const given = Caller.of(config);
      const caller = given ?? Caller.nobody;
      const query = Query.of(config);
      const request = describeRequest(config, query);
      const call = new AxiosCall(request, { config, inner, caller, query, connections, afterPoll }, hedgeOptions);
      // What is no signal is for the client to refuse, before anything is sent.
      if (given === undefined && inner.isNodes) throw refusal(config);
      if (hedgeOptions !== false && (given === undefined || !isHttp(request.url))) return sendUnsupported(hedger, call);
      return call.deliver(caller.during(hedger.run(call, hedgeOptions)));
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return wrap(hedged, adapter);
}
