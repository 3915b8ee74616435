import type { AxiosRequestHeaders, AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { Settled } from '@hedgerow/core';
import { onStreamError } from './body.js';
import { writeBack } from './headers.js';

/**
 * What the server answered. A rejection may carry an answer (`validateStatus`); but newer versions of axios also hang a response
 * without data on the error of a body that broke off, which is no answer, whatever its status.
 */
export function responseOf(settled: Settled<AxiosResponse>): AxiosResponse | undefined {
  if (settled.ok) return settled.value;
  const response = carriedResponse(settled.error);
  return response !== undefined && 'data' in response ? response : undefined;
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
    writeBack(this.headers, this.sent.headers, this.isOwn);
    this.own(response);
    onStreamError(response.data, (error) => this.own(error));
  }

  error(error: unknown): void {
    writeBack(this.headers, this.sent.headers, this.isOwn);
    this.own(error);
    this.own(carriedResponse(error));
  }

  private own(carrier: unknown): void {
    if (isObject(carrier) && carrier.config === this.sent) carrier.config = this.config;
  }
}

/** The physical request that an error came from. */
export function requestOf(error: unknown): unknown {
  return isObject(error) ? error.request : undefined;
}

/** The response that an error carries, complete or not. */
export function carriedResponse(error: unknown): AxiosResponse | undefined {
  return isObject(error) && isObject(error.response) ? (error.response as AxiosResponse) : undefined;
}

function isObject(value: unknown): value is { config?: unknown; request?: unknown; response?: unknown } {
  return typeof value === 'object' && value !== null;
}
