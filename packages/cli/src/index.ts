/**
 * What the command line offers to programs: the local cluster and the simulator.
 *
 * @module hedgerow
 */
export { startCluster } from './cluster/start.js';
export type { LatencyOptions } from './cluster/latency.js';
export type { Cluster, ClusterCounts, ClusterOptions, RequestCounts, SeenTraceparent } from './cluster/types.js';
export { simulate, Simulation } from './simulate/simulation.js';
export type { SimulationResult } from './simulate/simulation.js';
export type { Arrivals, BackendOptions, Dispatch, ErrorOptions, Scenario } from './simulate/scenario.js';
export type { Fault } from './simulate/faults.js';
export { constantTime, empiricalTime, exponentialTime, lognormalTime } from './simulate/service-time.js';
export type { LognormalOptions, ServiceTime } from './simulate/service-time.js';
export type { Route } from './simulate/routes.js';
export type { FinishedCall, Second, Totals } from './simulate/tally.js';
