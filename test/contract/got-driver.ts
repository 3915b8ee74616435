import got, { type Response } from 'got';
import { Hedger } from '@hedgerow/core';
import { createHedgePlugin, hedgeInfo, isHedge } from '@hedgerow/got';
import type { ContractDriver } from './driver.js';

/** got without its own retries, which throws on a bad status as it does by default, or returns it. */
export function gotDriver(badStatus: 'throws' | 'returns'): ContractDriver {
  return {
    name: `got, which ${badStatus} a bad status`,
    raceUntil: 'headers',
    hedgeInfo,
    isHedge,
    isSteerable: true,
    errors: {
      aborted: { name: 'AbortError', code: 'ERR_ABORTED' },
      timeout: { name: 'TimeoutError', code: 'ETIMEDOUT' },
      reset: { code: 'ECONNRESET' },
      hedgeTimeout: { name: 'RequestError', code: 'ETIMEDOUT' },
    },
    create({ hedger, ...options }) {
      const scheduler = hedger ?? new Hedger(options);
      const client = got.extend(createHedgePlugin(hedger ? { ...options, hedger } : { hedger: scheduler }), {
        retry: { limit: 0 },
        throwHttpErrors: badStatus === 'throws',
      });
      return {
        hedger: scheduler,
        async request({ method = 'GET', url, headers, body, signal, timeoutMs, hedge }) {
          const response: Response<Uint8Array> = await client(url, {
            method: method as 'GET',
            responseType: 'buffer',
            ...(body !== undefined && { body }),
            ...(headers && { headers }),
            ...(signal && { signal }),
            ...(timeoutMs !== undefined && { timeout: { request: timeoutMs } }),
            ...(hedge !== undefined && { context: { hedge } }),
          });
          return { status: response.statusCode, headers: response.headers, body: response.body, carrier: response };
        },
      };
    },
  };
}
