import type { NodeConnection } from '../client.js';
import type { Cluster } from '../request/cluster.js';

/** What tells of a node that it is down: to its client it would be by any request. */
export interface Fault {
  /** Whether the connection failed; else the node answered that it cannot. */
  readonly isConnection: boolean;
}

/**
 * Passes on to the client's pool what it would have seen itself: a node that failed a request which another one answered. What copies meet is no news to it: marking more nodes at a time than
 * its transport would, all of them in an outage, leaves Elastic's pool without one to choose.
 */
export class Health {
  private readonly cluster: Cluster;
  /** What the client does beside that when a connection fails, if it is told to. */
  private readonly sniff: (() => void) | undefined;

  constructor(cluster: Cluster, sniff: (() => void) | undefined) {
    this.cluster = cluster;
    this.sniff = sniff;
  }

  /** A node has failed by itself; never said of an attempt that was aborted. */
  failed(connection: NodeConnection, { isConnection }: Fault): void {
    const { pool } = this.cluster;
    // One that has left the pool meanwhile would stay in its list of the dead.
    if (pool.connections.includes(connection)) pool.markDead(connection);
    if (isConnection) this.sniff?.();
  }
}

/** Whether an outcome says that its node is down, by the clients' own rule: no connection, or 502 to 504 where the caller has not asked to ignore that. */
export function faultOf(status: number | undefined, error: unknown, ignored: readonly number[] | undefined): Fault | undefined {
  if (status === undefined) return isConnectionError(error) ? { isConnection: true } : undefined;
  const isDown = status === 502 || status === 503 || status === 504;
  return isDown && ignored?.includes(status) !== true ? { isConnection: false } : undefined;
}

function isConnectionError(error: unknown): boolean {
  return error instanceof Error && error.name === 'ConnectionError';
}
