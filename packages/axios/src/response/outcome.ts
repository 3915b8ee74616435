import type { AxiosRequestHeaders, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { Settled } from '@hedgerow/core';
import { writeBack } from '../request/headers.js';
import { safeGet, safeSet } from '../safe-access.js';
import { onStreamError } from './watched-body.js';

/**
 * What the server answered. A rejection may carry an answer (`validateStatus`); but newer versions of axios also hang a response
 * without data on the error of a body that broke off, which is no answer, whatever its status.
 */
export function responseOf(settled: Settled<AxiosResponse>): AxiosResponse | undefined {
  if (settled.ok) return settled.value;
  const response = carriedResponse(settled.error);
  try {
    return response !== undefined && 'data' in response ? response : undefined;
  } catch {
    return undefined; // it refuses to be asked
  }
}

/**
 * Makes what came of an attempt look like the outcome of the caller's own config: retries send `error.config` again, and
 * interceptors compare `response.config`.
 */
export class Restorer {
  private readonly config: InternalAxiosRequestConfig;
  private readonly headers: AxiosRequestHeaders;
  private readonly sent: InternalAxiosRequestConfig;
  private readonly isOwn: (header: string) => boolean;

  /**
   * @param headers - the caller's own.
   * @param isOwn - tells headers of this attempt that are no business of the caller's.
   */
  constructor(
    config: InternalAxiosRequestConfig,
    headers: AxiosRequestHeaders,
    sent: InternalAxiosRequestConfig,
    isOwn: (header: string) => boolean = () => false,
  ) {
    this.config = config;
    this.headers = headers;
    this.sent = sent;
    this.isOwn = isOwn;
  }

  response(response: AxiosResponse): void {
    this.showHeaders();
    this.own(response);
    onStreamError(safeGet(response, 'data'), (error) => this.own(error));
  }

  error(error: unknown): void {
    this.showHeaders();
    this.own(error);
    this.own(carriedResponse(error));
  }

  private showHeaders(): void {
    try {
      writeBack(this.headers, this.sent.headers, this.isOwn);
    } catch {
      // They are frozen, say: an outcome must not be lost for that.
    }
  }

  private own(carrier: unknown): void {
    if (safeGet(carrier, 'config') === this.sent) safeSet(carrier, 'config', this.config);
  }
}

/** The physical request that an error came from. */
export function requestOf(error: unknown): unknown {
  return safeGet(error, 'request');
}

/** The response that an error carries, complete or not. */
export function carriedResponse(error: unknown): AxiosResponse | undefined {
  const response = safeGet(error, 'response');
  return typeof response === 'object' && response !== null ? (response as AxiosResponse) : undefined;
}
