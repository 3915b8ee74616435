import type { NodeConnection, NodeFilter, NodePool } from '../client.js';

/** The nodes that a client spreads its requests over. */
export class Cluster {
  /** What its routes and its budget go by, whichever node answers: scheme, host and port of the first node that the client was given; `undefined` if it was given none, then each node by itself. */
  readonly origin: string | undefined;
  readonly pool: NodePool;
  /** Which nodes may be asked. */
  filter: NodeFilter | null | undefined;
  private readonly bases = new WeakMap<NodeConnection, string>();

  constructor(pool: NodePool, filter: NodeFilter | null | undefined) {
    const [first] = pool.connections;
    this.origin = first?.url.origin;
    this.pool = pool;
    this.filter = filter;
  }

  /** The URL of a node, without credentials and without a slash at its end. */
  baseOf(connection: NodeConnection): string {
    let base = this.bases.get(connection);
    if (base === undefined) {
      const { origin, pathname } = connection.url;
      this.bases.set(connection, (base = origin + pathname.replace(/\/+$/, '')));
    }
    return base;
  }

  /**
   * Another node that is alive: of those not tried yet the one with the fewest copies under way. It is not asked for by the client's own
   * selector, whose turns are those of the primaries: with two nodes, every second turn taken by a copy would leave all primaries to one of them.
   */
  another(tried: readonly NodeConnection[], inFlight: (origin: string) => number, random: () => number): NodeConnection | undefined {
    const { filter } = this;
    const others = this.pool.connections.filter((each) => !tried.includes(each) && each.status !== 'dead' && (filter == null || filter(each)));
    const loads = others.map((each) => inFlight(each.url.origin));
    const least = Math.min(...loads);
    const idlest = others.filter((_each, index) => loads[index] === least);
    return idlest[Math.floor(random() * idlest.length)];
  }
}
