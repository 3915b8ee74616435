import type { AxiosAdapter, AxiosResponse } from 'axios';
import type { Hedger } from '@hedgerow/core';
import { attachInfo, bypassInfo } from '@hedgerow/core/adapter';
import { AxiosCall } from './call.js';
import { Caller, refusal } from './caller.js';
import { Connections } from './connections.js';
import { resolveAdapterOptions, type AxiosHedgeOptions } from './options.js';
import { Query } from './params.js';
import { wrap } from './recursion.js';
import { AxiosHedgeRequest, isHttp } from './request.js';
import { senderFor } from './sender.js';

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
  const connections = new Connections(hedger.resets);
  const { afterPoll } = hedger.clock;

  const hedged: AxiosAdapter = (config) => {
    try {
      const { hedge } = config;
      const perCall = hedge === false ? false : hedger.resolve(hedge, defaults);
      const sender = senderFor(adapter, config);
      const given = Caller.of(config);
      const caller = given ?? Caller.nobody;
      const query = Query.of(config);
      const request = new AxiosHedgeRequest(config, query);
      const call = new AxiosCall(request, { config, sender, caller, query, connections, afterPoll }, perCall);
      // What is no signal is for the client to refuse, before anything is sent.
      if (given === undefined && sender.isNodes) throw refusal(config);
      if (perCall !== false && (given === undefined || !isHttp(request.url))) return sendUnsupported(hedger, call);
      return call.deliver(caller.during(hedger.run(call, perCall)));
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return wrap(hedged, adapter);
}

/** Sends what cannot be hedged, as it is. */
async function sendUnsupported(hedger: Hedger, call: AxiosCall): Promise<AxiosResponse> {
  const startedAtMs = hedger.clock.now();
  hedger.recordBypass(call.request, 'unsupported');
  const tell = (carrier: unknown): void => attachInfo(carrier, bypassInfo(call.request, call.raceUntil, 'unsupported', hedger.clock.now() - startedAtMs));
  try {
    const response = await call.bypass();
    tell(response);
    return response;
  } catch (error) {
    tell(error);
    throw error;
  }
}
