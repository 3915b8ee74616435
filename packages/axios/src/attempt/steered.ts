import type { InternalAxiosRequestConfig } from 'axios';
import type { AttemptContext, Steered } from '@hedgerow/core';
import { isAmong } from '../request/headers.js';

/** A member that axios knows since 1.7. */
interface FetchConfig {
  readonly fetchOptions?: object;
}

/** Sends a hedge where it is to go, in a config of its own. Its URL has base URL and params in it. */
export function steerConfig(copy: InternalAxiosRequestConfig, { url, withoutCredentials }: Steered): void {
  if (url !== undefined) {
    copy.url = url;
    for (const name of ['baseURL', 'params', 'socketPath'] as const) Reflect.deleteProperty(copy, name);
  }
  if (withoutCredentials) {
    Reflect.deleteProperty(copy, 'auth');
    copy.withXSRFToken = copy.withCredentials = false;
    // A page to sign in, to which a redirect leads, would look like an answer.
    copy.maxRedirects = 0;
    Object.assign(copy, { fetchOptions: { ...(copy as FetchConfig).fetchOptions, redirect: 'manual' } });
  }
}

/** Whether an attempt differs from the caller's request in a header: then it is no business of the caller's. */
export function isOwnHeader({ headers, steered }: AttemptContext, name: string): boolean {
  return isAmong(headers, name) || steered?.omits(name) === true;
}
