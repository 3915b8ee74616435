import type { AxiosRequestHeaders, GenericAbortSignal, InternalAxiosRequestConfig } from 'axios';
import type { AttemptContext } from '@hedgerow/core';
import { copyHeaders } from './headers.js';
import { steerConfig } from './steered.js';
import type { ProgressRelay } from './progress.js';
import { timeLeftMs } from './timeout.js';

/**
 * The config of one attempt: the caller's own, but for what copies must not share. A plain copy of the members, because merging
 * configs would clone agents' options, params and data for every attempt.
 *
 * @param headers - the caller's own.
 * @throws AxiosError if nothing is left of the caller's `timeout`.
 */
export function attemptConfig(
  config: InternalAxiosRequestConfig,
  headers: AxiosRequestHeaders,
  attempt: AttemptContext,
  signal: GenericAbortSignal,
  progress: ProgressRelay | undefined,
): InternalAxiosRequestConfig {
  const copy = shallowCopy(config);
  // Axios writes into the headers it sends. The first attempt may write into the caller's own, as it would without hedging.
  const { steered } = attempt;
  if (attempt.isHedge || attempt.headers !== undefined) copy.headers = copyHeaders(headers, attempt.headers, steered?.omits);
  if (steered !== undefined) steerConfig(copy, steered);
  copy.signal = signal;
  const leftMs = attempt.isHedge ? timeLeftMs(config, attempt.delayMs) : undefined;
  if (leftMs !== undefined) copy.timeout = leftMs;
  progress?.attach(copy, attempt.number);
  return copy;
}

/** A copy of the members. Newer versions of axios make configs without a prototype, with one hidden member to make up for it. */
export function shallowCopy(config: InternalAxiosRequestConfig): InternalAxiosRequestConfig {
  const copy = Object.assign(Object.create(Object.getPrototypeOf(config) as object | null) as object, config);
  const hidden = Object.getOwnPropertyDescriptor(config, 'hasOwnProperty');
  return hidden === undefined ? copy : Object.defineProperty(copy, 'hasOwnProperty', hidden);
}
