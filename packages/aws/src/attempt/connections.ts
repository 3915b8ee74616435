import { hasRoomFor, isConnecting as isAgentConnecting, limitedPool } from '@hedgerow/core/adapter';
import type { Inner } from './inner.js';

/** Members of a handler's settings that are looked at. */
interface HandlerConfig {
  readonly httpAgent?: unknown;
  readonly httpsAgent?: unknown;
  readonly requestTimeout?: unknown;
}

/** The settings of a handler; nothing while it has none, or will not say. */
export function configOf(inner: Inner): HandlerConfig {
  try {
    return (inner.httpHandlerConfigs?.() as HandlerConfig | null | undefined) ?? {};
  } catch {
    return {};
  }
}

/**
 * Whether a hedge would get a connection at once: the SDK's agents have 50 of them.
 *
 * @param hasPrimaryEnded - whether the primary, which asked for the same `url`, has left its connection.
 */
export function hasRoom(inner: Inner, url: string, hasPrimaryEnded: boolean): boolean {
  const pool = limitedPool(agentOf(inner, url));
  return pool === undefined || hasRoomFor(pool, url, hasPrimaryEnded);
}

/** Whether a hedge that was sent just now has gone nowhere yet: a connection for it is still being made. */
export function isConnecting(inner: Inner, url: string): boolean {
  return isAgentConnecting(agentOf(inner, url), url);
}

function agentOf(inner: Inner, url: string): unknown {
  const { httpAgent, httpsAgent } = configOf(inner);
  return url.startsWith('https:') ? httpsAgent : httpAgent;
}

/** Only Node's HTTP/1.1 client is known to have a connection for each request. */
export function isExclusive({ metadata }: Inner): boolean {
  return metadata?.handlerProtocol === 'http/1.1';
}
