import axios from 'axios';
import type { Hedger } from '@hedgerow/core';
import { hedgedAdapter } from '@hedgerow/axios';
import type { TelemetryOptions } from '@hedgerow/opentelemetry';

/** Sends one request with a hedged client; the answer is of no interest, nor is an error. */
export type Send = (request: { readonly method: string; readonly url: string; readonly signal: AbortSignal }) => Promise<unknown>;

/** How each client is made. */
export const clients: Readonly<Record<string, (hedger: Hedger, telemetry: TelemetryOptions) => Send>> = {
  axios: (hedger, telemetry) => {
    const client = axios.create({ adapter: hedgedAdapter({ hedger, telemetry }) });
    return (request) => client.request(request);
  },
  'axios (fetch)': (hedger, telemetry) => {
    const client = axios.create({ adapter: hedgedAdapter({ hedger, telemetry, adapter: 'fetch' }) });
    return (request) => client.request(request);
  },
};
