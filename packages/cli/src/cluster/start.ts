import { startIsolatedCluster } from './isolated.js';
import { startLocalCluster } from './local.js';
import type { Cluster, ClusterOptions } from './types.js';

/**
 * Starts backends with seeded latencies on free ports of the loopback interface, behind a round-robin balancer: HTTP, and gRPC on demand.
 *
 * @returns the running cluster; `await using cluster = …` or `close()` stops it.
 * @throws RangeError that names the option, what was expected and what came.
 */
export function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { isolated = false, ...rest } = options;
  return isolated ? startIsolatedCluster(rest) : startLocalCluster(rest);
}
