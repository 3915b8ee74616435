import axios, { type AxiosResponse } from 'axios';
import { Hedger } from '@hedgerow/core';
import { hedgedAdapter, hedgeInfo, isHedge } from '@hedgerow/axios';
import type { ContractDriver } from './driver.js';

/** axios, which throws on a bad status as it does by default, or returns it. */
export function axiosDriver(badStatus: 'throws' | 'returns'): ContractDriver {
  return {
    name: `axios, which ${badStatus} a bad status`,
    raceUntil: 'body',
    hedgeInfo,
    isHedge,
    isSteerable: true,
    errors: {
      aborted: { name: 'CanceledError', code: 'ERR_CANCELED' },
      timeout: { name: 'AxiosError', code: 'ECONNABORTED' },
      reset: { code: 'ECONNRESET' },
      hedgeTimeout: { name: 'AxiosError', code: 'ECONNABORTED' },
    },
    create({ hedger, ...options }) {
      const scheduler = hedger ?? new Hedger(options);
      const client = axios.create({
        adapter: hedgedAdapter(hedger ? { ...options, hedger } : { hedger: scheduler }),
        responseType: 'arraybuffer',
        proxy: false,
        ...(badStatus === 'returns' && { validateStatus: () => true }),
      });
      return {
        hedger: scheduler,
        async request({ method = 'GET', url, headers, body, signal, timeoutMs, hedge }) {
          const response: AxiosResponse<Uint8Array> = await client.request({
            method,
            url,
            ...(body !== undefined && { data: body }),
            ...(headers && { headers }),
            ...(signal && { signal }),
            ...(timeoutMs !== undefined && { timeout: timeoutMs }),
            ...(hedge !== undefined && { hedge }),
          });
          return { status: response.status, headers: response.headers, body: response.data, carrier: response };
        },
      };
    },
  };
}
