import type { InternalAxiosRequestConfig } from 'axios';
import { safeGet, safeSet } from '../safe-access.js';

/**
 * Keeps axios from seeing that the caller's time is up, while it looks at an outcome that the caller would have had before without hedging: it
 * would replace it by an error of its own. Those who go on with the config meanwhile get a signal that aborts in a moment.
 *
 * @returns what gives the signal back.
 */
export function hideAbort(config: InternalAxiosRequestConfig): () => void {
  const { signal } = config;
  if (signal === undefined) return () => undefined;
  const standIn = new AbortController();
  if (!safeSet(config, 'signal', standIn.signal)) return () => undefined;
  return () => {
    standIn.abort(safeGet(signal, 'reason'));
    if (config.signal === standIn.signal) safeSet(config, 'signal', signal);
  };
}
