import type { Agent, ClientRequest } from 'node:http';
import type { Socket } from 'node:net';

/** What is read of an agent; another library's may have none of it. */
type Pool = Partial<Pick<Agent, 'maxSockets' | 'maxTotalSockets' | 'sockets' | 'freeSockets' | 'requests'>> & { readonly totalSocketCount?: number };

/**
 * Whether an agent with a limit would give another request like this one a socket at once. One that has to wait gets the socket that
 * the first one leaves: it can only come later, and may take a healthy connection with it when it is given up.
 */
export function hasRoom(request: ClientRequest | undefined): boolean {
  const pool = (request as { readonly agent?: Pool | null } | undefined)?.agent;
  const { maxSockets = Infinity, maxTotalSockets = Infinity } = pool ?? {};
  if (request === undefined || pool == null || (maxSockets === Infinity && maxTotalSockets === Infinity)) return true;
  const { sockets = {}, freeSockets = {}, requests = {}, totalSocketCount = 0 } = pool;
  const waits = (name: string): boolean => (requests[name]?.length ?? 0) > 0;
  if (Object.values(requests).some((waiting) => waiting?.includes(request))) return false;
  const name = nameOf(request.socket, sockets);
  if (name === undefined) return totalSocketCount < Math.min(maxSockets, maxTotalSockets);
  if (waits(name)) return false;
  if (freeSockets[name]?.some((socket) => !socket.destroyed)) return true;
  return (sockets[name]?.length ?? 0) < maxSockets && totalSocketCount < maxTotalSockets;
}

/** What the agent files its connection under. */
function nameOf(socket: Socket | null, sockets: NodeJS.ReadOnlyDict<Socket[]>): string | undefined {
  if (socket === null) return undefined;
  return Object.keys(sockets).find((name) => sockets[name]?.includes(socket));
}
