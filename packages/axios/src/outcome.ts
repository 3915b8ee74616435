import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import type { Settled } from '@hedgerow/core';
import { onStreamError } from './body.js';
import { writeBack } from './headers.js';

/** The response of an outcome; a rejection may carry one (`validateStatus`). */
export function responseOf(settled: Settled<AxiosResponse>): AxiosResponse | undefined {
  return settled.ok ? settled.value : carriedResponse(settled.error);
}

/**
 * Makes what came of an attempt look like the outcome of the caller's own config: retries send `error.config` again, and
 * interceptors compare `response.config`.
 */
export class Restorer {
  private readonly config: InternalAxiosRequestConfig;
  private readonly sent: InternalAxiosRequestConfig;
  private readonly added: Readonly<Record<string, string>> | undefined;

  /** @param added - headers of this attempt that are no business of the caller's. */
  constructor(config: InternalAxiosRequestConfig, sent: InternalAxiosRequestConfig, added?: Readonly<Record<string, string>>) {
    this.config = config;
    this.sent = sent;
    this.added = added;
  }

  response(response: AxiosResponse): void {
    writeBack(this.config.headers, this.sent.headers, this.added);
    this.own(response);
    onStreamError(response.data, (error) => this.own(error));
  }

  error(error: unknown): void {
    writeBack(this.config.headers, this.sent.headers, this.added);
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

function carriedResponse(error: unknown): AxiosResponse | undefined {
  return isObject(error) && isObject(error.response) ? (error.response as AxiosResponse) : undefined;
}

function isObject(value: unknown): value is { config?: unknown; request?: unknown; response?: unknown } {
  return typeof value === 'object' && value !== null;
}
