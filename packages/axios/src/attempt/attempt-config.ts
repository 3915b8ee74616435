import type { AxiosRequestHeaders, GenericAbortSignal, InternalAxiosRequestConfig } from 'axios';
import type { AttemptContext } from '@hedgerow/core';
import { copyHeaders } from '../request/headers.js';
import type { Query } from '../request/query.js';
import { timeLeftMs } from '../timeout.js';
import { guardRedirects } from './agent-pool.js';
import type { ProgressRelay } from './progress.js';
import { steerConfig } from './steered.js';

/** What the config of an attempt is made of, where it is not the caller's own. */
export interface Parts {
  readonly config?: InternalAxiosRequestConfig;
  readonly headers?: AxiosRequestHeaders;
  /** `undefined`: that of the config. */
  readonly data?: unknown;
}

/** All that the config of an attempt is made of. */
export interface Template extends Parts {
  readonly config: InternalAxiosRequestConfig;
  readonly headers: AxiosRequestHeaders;
  readonly query: Query | undefined;
}

/**
 * The config of one attempt: the caller's own, but for what copies must not share. A plain copy of the members, because merging
 * configs would clone agents' options, params and data for every attempt.
 *
 * @throws AxiosError if nothing is left of the caller's `timeout`.
 */
export function attemptConfig(
  { config, data, headers, query }: Template,
  attempt: AttemptContext,
  signal: GenericAbortSignal,
  progress: ProgressRelay | undefined,
): InternalAxiosRequestConfig {
  const copy = shallowCopy(config);
  const { isHedge, steered } = attempt;
  if (query !== undefined) copy.paramsSerializer = query.serializer;
  if (data !== undefined) copy.data = data;
  // Axios writes into the headers it sends. The first attempt may write into the caller's own, as it would without hedging.
  copy.headers = isHedge || attempt.headers !== undefined ? copyHeaders(headers, attempt.headers, steered?.omits) : headers;
  if (steered !== undefined) steerConfig(copy, steered);
  copy.signal = signal;
  if (isHedge) {
    const leftMs = timeLeftMs(config, attempt.delayMs);
    if (leftMs !== undefined) copy.timeout = leftMs;
    guardRedirects(copy);
  }
  progress?.attach(copy, attempt.number);
  return copy;
}

/** A copy of the members. Newer versions of axios make configs without a prototype, with one hidden member to make up for it. */
export function shallowCopy(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  const copy = Object.assign(Object.create(Object.getPrototypeOf(config) as object | null) as object, config);
  const hidden = Object.getOwnPropertyDescriptor(config, 'hasOwnProperty');
  return hidden === undefined ? copy : Object.defineProperty(copy, 'hasOwnProperty', hidden);
}
