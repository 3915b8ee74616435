/** What is looked at of an agent of Node, by the names of its connections: host, port and more. */
export interface AgentPool {
  readonly maxSockets: number;
  readonly maxTotalSockets?: number;
  readonly totalSocketCount?: number;
  readonly sockets: Lists;
  readonly freeSockets?: Lists;
  /** Those that wait. */
  readonly requests: Lists;
}

type Lists = Readonly<Record<string, readonly unknown[] | undefined>>;

/** An agent of Node, or one like it, that limits its connections; `undefined` for any other. */
export function limitedPool(agent: unknown): AgentPool | undefined {
  const isLimited = isFinite(memberOf(agent, 'maxSockets')) || isFinite(memberOf(agent, 'maxTotalSockets'));
  return isLimited && isLists(memberOf(agent, 'sockets')) && isLists(memberOf(agent, 'requests')) ? (agent as AgentPool) : undefined;
}

/**
 * Whether a request to `url` would get a connection at once. A hedge that waits in its agent's queue waits for its own primary, as a rule: when that has been answered
 * Node hands the connection on before anybody can withdraw the hedge, which is sent to no end, and its connection closed.
 *
 * @param isWithoutPrimary - whether no primary has one of the connections to there. If one must have, but there is none, as with a proxy, it may be any.
 */
export function hasRoomFor(pool: AgentPool, url: string, isWithoutPrimary: boolean): boolean {
  const { freeSockets = {}, maxSockets, maxTotalSockets = Infinity, requests, sockets, totalSocketCount = 0 } = pool;
  const name = nameOf(url);
  const all = [...new Set([...Object.keys(sockets), ...Object.keys(freeSockets), ...Object.keys(requests)])];
  const own = all.filter((each) => each.startsWith(name));
  const looked = own.length === 0 && !isWithoutPrimary ? all : own;
  if (looked.some((each) => countOf(requests[each]) > 0)) return false;
  const isFree = (each: string): boolean => countOf(freeSockets[each]) > 0;
  if (looked.some((each) => !isFree(each) && countOf(sockets[each]) >= maxSockets)) return false;
  return totalSocketCount < maxTotalSockets || looked.some(isFree);
}

/** Whether a connection to `url` is being made: until then nothing of a request has gone out by it. A handshake is work for the server, and counts as sent. */
export function isConnecting(agent: unknown, url: string): boolean {
  const sockets = memberOf(agent, 'sockets');
  if (!isLists(sockets)) return false;
  const name = nameOf(url);
  return name !== '' && Object.keys(sockets).some((each) => each.startsWith(name) && sockets[each]?.some((socket) => (socket as { readonly connecting?: boolean }).connecting === true));
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

/** Agents are other people's, and may refuse to be asked. */
function memberOf(agent: unknown, name: keyof AgentPool): unknown {
  try {
    return (agent as Partial<AgentPool> | null | undefined)?.[name];
  } catch {
    return undefined;
  }
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
