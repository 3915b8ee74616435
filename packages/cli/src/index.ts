export { startCluster } from './cluster/start.js';
export type { LatencyOptions } from './cluster/latency.js';
export type { Cluster, ClusterCounts, ClusterOptions, RequestCounts, SeenTraceparent } from './cluster/types.js';
