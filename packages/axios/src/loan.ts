import type { AxiosRequestHeaders, GenericAbortSignal, InternalAxiosRequestConfig } from 'axios';
import { copyHeaders, isAmong, writeBack } from './headers.js';

/**
 * The caller's config while the primary uses it: with the attempt's signal instead of the caller's, which the scheduler
 * listens to, and with what tracing adds to the headers. Once an outcome is known it is the caller's again, as it was.
 */
export class Loan {
  /** The caller's own. */
  readonly headers: AxiosRequestHeaders;
  private readonly config: InternalAxiosRequestConfig;
  private readonly signal: GenericAbortSignal | undefined;
  private readonly added: Readonly<Record<string, string>> | undefined;
  private isOpen = true;

  constructor(config: InternalAxiosRequestConfig, signal: GenericAbortSignal, added: Readonly<Record<string, string>> | undefined) {
    this.config = config;
    this.headers = config.headers;
    this.signal = config.signal;
    this.added = added;
    config.signal = signal;
    if (added !== undefined) config.headers = copyHeaders(config.headers, added);
  }

  giveBack(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { config, headers } = this;
    writeBack(headers, config.headers, (name) => isAmong(this.added, name));
    config.headers = headers;
    if (this.signal === undefined) delete config.signal;
    else config.signal = this.signal;
  }
}
