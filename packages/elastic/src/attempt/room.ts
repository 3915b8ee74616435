import type { NodeConnection } from '../client.js';

/** What is looked at of an agent of Node. A connection's is its own, but users may give several the same one. */
interface Agent {
  readonly maxSockets?: unknown;
  readonly sockets: Lists;
  readonly freeSockets?: Lists;
  readonly requests: Lists;
}

type Lists = Readonly<Record<string, readonly unknown[] | undefined>>;

/** Of an object that is not known. */
interface Members extends Readonly<Record<PropertyKey, unknown>> {
  readonly stats?: unknown;
  readonly sockets?: unknown;
  readonly requests?: unknown;
}

/** What undici's pools say of themselves. */
interface PoolStats {
  readonly connected: number;
  readonly free: number;
  readonly queued: number;
}

/**
 * Whether a hedge would be sent at once. One that waits in the pool of its node waits for its own primary, as a rule, and is sent to no end when that
 * has been answered.
 */
export function hasRoom({ pool, agent, url }: NodeConnection): boolean {
  if (isObject(pool) && isStats(pool.stats)) {
    const { connected, free, queued } = pool.stats;
    return queued === 0 && (free > 0 || connected < limitOf(pool));
  }
  return !isAgent(agent) || hasRoomIn(agent, nameOf(url));
}

function hasRoomIn({ maxSockets, sockets, freeSockets = {}, requests }: Agent, name: string): boolean {
  const own = (lists: Lists): number => Object.keys(lists).reduce((total, key) => (key.startsWith(name) ? total + (lists[key]?.length ?? 0) : total), 0);
  if (own(requests) > 0) return false;
  return typeof maxSockets !== 'number' || own(freeSockets) > 0 || own(sockets) < maxSockets;
}

/** How Node names connections to there: the rest is what TLS and local addresses add. */
function nameOf({ hostname, port, protocol }: URL): string {
  return `${hostname.replaceAll(/^\[|\]$/g, '')}:${port || (protocol === 'https:' ? 443 : 80)}:`;
}

/** How many connections a pool of undici may have: it keeps that under a symbol. */
function limitOf(pool: Members): number {
  const symbol = Object.getOwnPropertySymbols(pool).find(({ description }) => description === 'connections');
  const limit = symbol && pool[symbol];
  return typeof limit === 'number' ? limit : Infinity;
}

function isStats(stats: unknown): stats is PoolStats {
  return isObject(stats) && ['connected', 'free', 'queued'].every((name) => typeof stats[name] === 'number');
}

function isAgent(agent: unknown): agent is Agent {
  return isObject(agent) && isObject(agent.sockets) && isObject(agent.requests);
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null;
}
