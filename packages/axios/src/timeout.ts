import axios, { type AxiosError, type InternalAxiosRequestConfig } from 'axios';

/**
 * What is left of the caller's `timeout` for a hedge: the timeout bounds the call, not each attempt. In whole milliseconds, at
 * least 1; `undefined` without a timeout, or one that axios will complain about itself.
 *
 * @throws AxiosError if nothing is left.
 */
export function timeLeftMs(config: InternalAxiosRequestConfig, elapsedMs: number): number | undefined {
  const timeoutMs = Number.parseInt(String(config.timeout ?? 0), 10);
  if (Number.isNaN(timeoutMs) || timeoutMs <= 0) return undefined;
  if (elapsedMs >= timeoutMs) throw timeoutError(config, timeoutMs);
  return Math.max(1, Math.floor(timeoutMs - elapsedMs));
}

/** The error that axios itself makes of an exceeded timeout. */
export function timeoutError(config: InternalAxiosRequestConfig, timeoutMs: number): AxiosError {
  const { AxiosError } = axios;
  const code = config.transitional?.clarifyTimeoutError === true ? AxiosError.ETIMEDOUT : AxiosError.ECONNABORTED;
  const message = config.timeoutErrorMessage;
  return new AxiosError(message === undefined || message === '' ? `timeout of ${timeoutMs}ms exceeded` : message, code, config);
}
