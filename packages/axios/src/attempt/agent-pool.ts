import type { InternalAxiosRequestConfig } from 'axios';
import type { Steered } from '@hedgerow/core';
import { safeGet } from '../safe-access.js';

/** What is looked at of an agent of Node, by the names of its connections: host, port and more. */
interface Pool {
  readonly maxSockets: number;
  readonly maxTotalSockets?: number;
  readonly totalSocketCount?: number;
  readonly sockets: Lists;
  readonly freeSockets?: Lists;
  /** Those that wait. */
  readonly requests: Lists;
}

type Lists = Readonly<Record<string, readonly unknown[] | undefined>>;

/**
 * Whether a hedge would get a connection at once. One that waits in its agent's queue waits for its own primary, as a rule: when that has been answered
 * Node hands the connection on before anybody can withdraw the hedge, which is sent to no end, and its connection closed.
 *
 * @param url - what the primary asks for.
 */
export function hasRoom(config: InternalAxiosRequestConfig, url: string, steered: Steered | undefined, hasPrimaryEnded: boolean): boolean {
  const to = steered?.url ?? url;
  const pool = limitedPool(config, to);
  return pool === undefined || hasRoomFor(pool, nameOf(to), hasPrimaryEnded || steered?.url !== undefined);
}

/** A hedge may be led to where there is no room: then it has failed. Its primary may have been led there before. */
export function guardRedirects(copy: InternalAxiosRequestConfig): void {
  const { beforeRedirect, maxRedirects } = copy;
  if (maxRedirects === 0 || (limitedPool(copy, 'http:') === undefined && limitedPool(copy, 'https:') === undefined)) return;
  copy.beforeRedirect = (options, ...details) => {
    beforeRedirect?.(options, ...details);
    const url = String(safeGet(options, 'href'));
    const pool = limitedPool(copy, url);
    if (pool !== undefined && !hasRoomFor(pool, nameOf(url), true)) throw new Error('hedgerow: a hedge was led to where all connections are taken');
  };
}

/** The agent that would connect to there, if it limits its connections. */
function limitedPool(config: InternalAxiosRequestConfig, url: string): Pool | undefined {
  const isSecure = url.startsWith('https:');
  const agent: unknown = (isSecure ? config.httpsAgent : config.httpAgent) ?? globalAgent(isSecure);
  const isLimited = isFinite(safeGet(agent, 'maxSockets')) || isFinite(safeGet(agent, 'maxTotalSockets'));
  return isLimited && isLists(safeGet(agent, 'sockets')) && isLists(safeGet(agent, 'requests')) ? (agent as Pool) : undefined;
}

/**
 * @param name - how the names of the connections begin that would do.
 * @param isWithoutPrimary - whether no primary has one of them. If one must have, but there is none, as with a proxy, it may be any.
 */
function hasRoomFor(pool: Pool, name: string, isWithoutPrimary: boolean): boolean {
  const { freeSockets = {}, maxSockets, maxTotalSockets = Infinity, requests, sockets, totalSocketCount = 0 } = pool;
  const all = [...new Set([...Object.keys(sockets), ...Object.keys(freeSockets), ...Object.keys(requests)])];
  const own = all.filter((each) => each.startsWith(name));
  const looked = own.length === 0 && !isWithoutPrimary ? all : own;
  if (looked.some((each) => countOf(requests[each]) > 0)) return false;
  const isFree = (each: string): boolean => countOf(freeSockets[each]) > 0;
  if (looked.some((each) => !isFree(each) && countOf(sockets[each]) >= maxSockets)) return false;
  return totalSocketCount < maxTotalSockets || looked.some(isFree);
}

/** How Node names connections to there: the rest is what TLS and local addresses add. */
function nameOf(url: string): string {
  try {
    const { hostname, port, protocol } = new URL(url);
    return `${hostname.replaceAll(/^\[|\]$/g, '')}:${port || (protocol === 'https:' ? 443 : 80)}:`;
  } catch {
    return '';
  }
}

/** Not imported: this file also runs where there is no `node:http`. */
function globalAgent(isSecure: boolean): unknown {
  if (typeof process !== 'object' || typeof process.getBuiltinModule !== 'function') return undefined;
  return process.getBuiltinModule(isSecure ? 'node:https' : 'node:http').globalAgent;
}

function isFinite(limit: unknown): boolean {
  return typeof limit === 'number' && limit < Infinity;
}

function isLists(value: unknown): value is Lists {
  return typeof value === 'object' && value !== null;
}

function countOf(list: readonly unknown[] | undefined): number {
  return list?.length ?? 0;
}
