import type { AxiosRequestHeaders, GenericAbortSignal, InternalAxiosRequestConfig } from 'axios';
import { copyHeaders, isAmong, writeBack } from '../request/headers.js';
import type { Query } from '../request/query.js';

/** What is written into a config while it is borrowed. */
export interface ConfigChanges {
  /** The caller's own, if left out. */
  readonly signal?: GenericAbortSignal;
  /** What tracing adds to the headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly query: Query | undefined;
}

/**
 * The caller's config while the primary uses it: with the attempt's signal instead of the caller's, which the scheduler
 * listens to, and with what tracing adds to the headers. Once an outcome is known it is the caller's again, as it was.
 */
export class BorrowedConfig {
  /** The caller's own. */
  readonly headers: AxiosRequestHeaders;
  private readonly config: InternalAxiosRequestConfig;
  private readonly signal: GenericAbortSignal | undefined;
  private readonly serializer: InternalAxiosRequestConfig['paramsSerializer'];
  private readonly changes: ConfigChanges;
  private isOpen = true;

  /** @throws TypeError if the config takes no members: it is frozen, say. Then it is as it was. */
  constructor(config: InternalAxiosRequestConfig, changes: ConfigChanges) {
    const { signal, headers: added, query } = changes;
    this.config = config;
    this.headers = config.headers;
    this.signal = config.signal;
    this.serializer = config.paramsSerializer;
    this.changes = changes;
    try {
      if (signal !== undefined) config.signal = signal;
      if (added !== undefined) config.headers = copyHeaders(config.headers, added);
      if (query !== undefined) config.paramsSerializer = query.serializer;
    } catch (error) {
      this.restore();
      throw error;
    }
  }

  restore(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { config, headers, changes, serializer, signal } = this;
    try {
      if (serializer !== undefined && config.paramsSerializer === changes.query?.serializer) config.paramsSerializer = serializer;
      if (changes.headers !== undefined) {
        writeBack(headers, config.headers, (name) => isAmong(changes.headers, name));
        config.headers = headers;
      }
      if (changes.signal === undefined) return;
      if (signal === undefined) delete config.signal;
      else config.signal = signal;
    } catch {
      // An adapter has frozen it meanwhile, and an outcome must not be lost for that.
    }
  }
}
