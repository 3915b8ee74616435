import axios from 'axios';
import got from 'got';
import { Agent, fetch as undiciFetch, interceptors, request as undiciRequest } from 'undici';
import { Hedger, type HedgerOptions } from '@hedgerow/core';
import { hedgedAdapter } from '@hedgerow/axios';
import { hedgedFetch, hedgeInterceptor } from '@hedgerow/fetch';
import { createHedgePlugin } from '@hedgerow/got';
import type { TelemetryOptions } from '@hedgerow/opentelemetry';

/** One request of a hedged client. */
export interface Asked {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** By the client's own options for a user and a password, where it has some. */
  readonly auth?: { readonly username: string; readonly password: string };
  readonly signal?: AbortSignal;
}

export interface Answered {
  readonly status: number;
  readonly text: string;
  /** The client's own response. */
  readonly response: unknown;
}

/** A hedged client; an error is its own. */
export type Ask = (asked: Asked) => Promise<Answered>;

export interface Client {
  /** Whether it takes user information in a URL. */
  readonly takesUserInfo: boolean;
  /** Without `hedger`, hedges after 10 ms, without a budget. */
  readonly make: (options?: HedgerOptions & { readonly telemetry?: TelemetryOptions | false }) => Ask;
}

/** Every client that can send a hedge somewhere else. */
export const clients: Readonly<Record<string, Client>> = {
  axios: axiosClient('http'),
  "axios by fetch": axiosClient('fetch'),
  got: {
    takesUserInfo: true,
    make: (options) => {
      const client = got.extend(createHedgePlugin(settings(options)), { retry: { limit: 0 }, throwHttpErrors: false });
      return async ({ url, auth, ...rest }) => {
        const response = await client(url, { ...rest, ...auth });
        return { status: response.statusCode, text: response.body, response };
      };
    },
  },
  fetch: fetchClient(globalThis.fetch),
  "undici's fetch": fetchClient(undiciFetch as unknown as typeof globalThis.fetch),
  "undici's dispatcher": {
    takesUserInfo: false,
    make: (options) => {
      const dispatcher = new Agent().compose(interceptors.redirect({ maxRedirections: 5 }), hedgeInterceptor(settings(options)));
      return async ({ url, headers = {}, signal }) => {
        const response = await undiciRequest(url, { dispatcher, headers, ...(signal && { signal }) });
        return { status: response.statusCode, text: await response.body.text(), response };
      };
    },
  },
};

function settings({ telemetry = false, ...options }: Parameters<Client['make']>[0] = {}) {
  return { hedger: new Hedger({ delay: 10, budget: false, ...options }), telemetry };
}

function axiosClient(adapter: 'http' | 'fetch'): Client {
  return {
    takesUserInfo: adapter === 'http',
    make: (options) => {
      const client = axios.create({ adapter: hedgedAdapter({ ...settings(options), adapter }), proxy: false, responseType: 'text', validateStatus: () => true });
      return async (asked) => {
        const response = await client.request<string>(asked);
        return { status: response.status, text: response.data, response };
      };
    },
  };
}

function fetchClient(fetch: typeof globalThis.fetch): Client {
  return {
    takesUserInfo: false,
    make: (options) => {
      const hedged = hedgedFetch(fetch, settings(options));
      return async ({ url, headers = {}, signal }) => {
        const response = await hedged(url, { headers, ...(signal && { signal }) });
        return { status: response.status, text: await response.text(), response };
      };
    },
  };
}
