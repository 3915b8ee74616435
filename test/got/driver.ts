import { createHedgePlugin, Hedger, hedgeInfo, isHedge, type HedgeContext } from '@hedgerow/got';
import got, { type Method, type OptionsInit, type OptionsOfTextResponseBody } from 'got';
import type { ContractClient, ContractDriver, ContractRequest, ContractResponse } from '../contract/driver.js';

/** got with the plugin. Its retries are off: the suite counts requests. */
export const gotDriver: ContractDriver = {
  name: 'got',
  raceUntil: 'headers',
  hedgeInfo,
  isHedge,
  errors: {
    aborted: { name: 'AbortError', code: 'ERR_ABORTED' },
    timeout: { name: 'TimeoutError', code: 'ETIMEDOUT' },
    reset: { code: 'ECONNRESET' },
    hedgeTimeout: { name: 'RequestError', code: 'ETIMEDOUT' },
  },
  create({ hedger, ...options }): ContractClient {
    const scheduler = hedger ?? new Hedger(options);
    const plugin = createHedgePlugin({ hedger: scheduler, ...(hedger && options), telemetry: false });
    const client = got.extend(plugin, { retry: { limit: 0 } });
    return {
      hedger: scheduler,
      async request(asked): Promise<ContractResponse> {
        const response = await client(asked.url, toOptions(asked));
        return { status: response.statusCode, headers: response.headers, body: response.rawBody, carrier: response };
      },
    };
  },
};

function toOptions({ method = 'GET', headers, body, signal, timeoutMs, hedge }: ContractRequest): OptionsOfTextResponseBody {
  const context: HedgeContext = hedge === undefined ? {} : { hedge };
  return {
    method: method as Method,
    context,
    ...(headers && { headers: { ...headers } }),
    ...(body !== undefined && { body: body as NonNullable<OptionsInit['body']> }),
    ...(signal && { signal }),
    ...(timeoutMs !== undefined && { timeout: { request: timeoutMs } }),
  };
}
