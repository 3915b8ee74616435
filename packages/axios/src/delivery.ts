import type { InternalAxiosRequestConfig } from 'axios';
import { memberOf, setMember } from './members.js';

/**
 * Keeps axios from seeing that the caller's time is up, while it looks at an outcome that the caller would have had before without hedging: it
 * would replace it by an error of its own. Those who go on with the config meanwhile get a signal that aborts in a moment.
 *
 * @returns what gives the signal back.
 */
export function hideTimeout(config: InternalAxiosRequestConfig): () => void {
  const { signal } = config;
  if (signal === undefined) return () => undefined;
  const stand = new AbortController();
  if (!setMember(config, 'signal', stand.signal)) return () => undefined;
  return () => {
    stand.abort(memberOf(signal, 'reason'));
    if (config.signal === stand.signal) setMember(config, 'signal', signal);
  };
}
