import type { InternalAxiosRequestConfig } from 'axios';
import type { AttemptContext, Steered } from '@hedgerow/core';
import { hasRoomFor, isConnecting, limitedPool, type AgentPool } from '@hedgerow/core/adapter';
import { safeGet } from '../safe-access.js';

/**
 * Whether a hedge would get a connection at once.
 *
 * @param url - what the primary asks for.
 */
export function hasRoom(config: InternalAxiosRequestConfig, url: string, steered: Steered | undefined, hasPrimaryEnded: boolean): boolean {
  const to = steered?.url ?? url;
  const pool = poolFor(config, to);
  return pool === undefined || hasRoomFor(pool, to, hasPrimaryEnded || steered?.url !== undefined);
}

/** A hedge may be led to where there is no room: then it has failed. Its primary may have been led there before. */
export function guardRedirects(copy: InternalAxiosRequestConfig): void {
  const { beforeRedirect, maxRedirects } = copy;
  if (maxRedirects === 0 || (poolFor(copy, 'http:') === undefined && poolFor(copy, 'https:') === undefined)) return;
  copy.beforeRedirect = (options, ...details) => {
    beforeRedirect?.(options, ...details);
    const url = String(safeGet(options, 'href'));
    const pool = poolFor(copy, url);
    if (pool !== undefined && !hasRoomFor(pool, url, true)) throw new Error('hedgerow: a hedge was led to where all connections are taken');
  };
}

/** Tells of a hedge that is given up whether it had gone out. What it is asked of is not its own request, which axios keeps to itself, but its agent. */
export function watchConnection(attempt: AttemptContext, config: InternalAxiosRequestConfig, url: string): void {
  const to = attempt.steered?.url ?? url;
  attempt.onAbort(() => {
    if (isConnecting(agentFor(config, to), to)) attempt.notSent();
  });
}

/** The agent that would connect to there, if it limits its connections. */
function poolFor(config: InternalAxiosRequestConfig, url: string): AgentPool | undefined {
  return limitedPool(agentFor(config, url));
}

function agentFor(config: InternalAxiosRequestConfig, url: string): unknown {
  const isSecure = url.startsWith('https:');
  return (isSecure ? config.httpsAgent : config.httpAgent) ?? globalAgent(isSecure);
}

/** Not imported: this file also runs where there is no `node:http`. */
function globalAgent(isSecure: boolean): unknown {
  if (typeof process !== 'object' || typeof process.getBuiltinModule !== 'function') return undefined;
  return process.getBuiltinModule(isSecure ? 'node:https' : 'node:http').globalAgent;
}
