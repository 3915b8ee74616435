import type { InternalAxiosRequestConfig } from 'axios';
import type { AttemptContext, Steered } from '@hedgerow/core';

/** Sends a hedge where it is to go, in a config of its own. Its URL has base URL and params in it. */
export function steerConfig(copy: InternalAxiosRequestConfig, { url, withoutCredentials }: Steered): void {
  if (url !== undefined) {
    copy.url = url;
    for (const name of ['baseURL', 'params', 'socketPath'] as const) Reflect.deleteProperty(copy, name);
  }
  if (withoutCredentials) {
    Reflect.deleteProperty(copy, 'auth');
    copy.withXSRFToken = false;
  }
}

/** Headers in which an attempt differs from the caller's request, and which are no business of the caller's. */
export function ownHeaders({ headers, steered }: AttemptContext): Readonly<Record<string, string>> | undefined {
  if (steered === undefined || steered.omittedHeaders.length === 0) return headers;
  return { ...Object.fromEntries(steered.omittedHeaders.map((name) => [name, ''])), ...headers };
}
