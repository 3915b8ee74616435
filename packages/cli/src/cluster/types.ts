import type { LatencyOptions } from './latency.js';

/** Options of {@link startCluster}. */
export interface ClusterOptions {
  /** Backends behind the balancer. Integer 1 to 64, default 3. */
  readonly backends?: number | undefined;
  /** Start of every random sequence. Integer 0 to 2³² − 1, default 1. The same seed gives the n-th request of a backend the same latency. */
  readonly seed?: number | undefined;
  /** How long requests take, to within a millisecond. Default: the reference workload, lognormal 5 ± 2 ms with 5 % of requests ten times slower. */
  readonly latency?: LatencyOptions | undefined;
  /** Latencies of single paths (without query); the other paths use `latency`. */
  readonly routes?: Readonly<Record<string, LatencyOptions>> | undefined;
  /** Remember the `traceparent` headers that the backends see, up to 10 000. Default `false`. */
  readonly recordTraceparents?: boolean | undefined;
  /**
   * Let the backends answer gRPC too: `hedgerow.Cluster/Get`, with the same latencies and
   * counts as HTTP. It goes past the balancer, by {@link Cluster.grpcTarget}. Default `false`.
   */
  readonly grpc?: boolean | undefined;
  /** Run the servers in a thread of their own, so that they neither disturb the client's event loop nor wait for it. Default `false`. */
  readonly isolated?: boolean | undefined;
}

/** What one server saw. `received` − `answered` − `aborted` are still in progress. */
export interface RequestCounts {
  /** Requests whose headers arrived. */
  readonly received: number;
  /** Requests answered in full, whatever the status. */
  readonly answered: number;
  /** Requests given up, or whose connection closed, before the answer was complete. */
  readonly aborted: number;
}

/** What all servers of a cluster saw since its start or its last `reset`. */
export interface ClusterCounts {
  /** At the balancer: what clients sent by HTTP. */
  readonly balancer: RequestCounts;
  /** At each backend. */
  readonly backends: readonly RequestCounts[];
  /** Over all backends, by method and path, for example `'GET /items'` (gRPC is `POST`); past 1 000 of them the rest is counted as `'*'`. */
  readonly routes: Readonly<Record<string, RequestCounts>>;
  /** In order of arrival; empty unless `recordTraceparents` is set. */
  readonly traceparents: readonly SeenTraceparent[];
}

/** A `traceparent` header and the backend that saw it. */
export interface SeenTraceparent {
  /** From 0. */
  readonly backend: number;
  readonly traceparent: string;
}

/**
 * A running cluster. Any path on any method is answered with a line of JSON after the latency of its route. Query parameters
 * change single requests: `ms` (a fixed latency), `status`, `retryAfter` (seconds), `bytes` (that many bytes instead of JSON)
 * and `drop` (the backend hangs up instead of answering, which the balancer reports as 502).
 */
export interface Cluster extends AsyncDisposable {
  /** Origin of the balancer, for example `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Origins of the backends themselves. */
  readonly backendUrls: readonly string[];
  /**
   * All backends as a target of grpc-js, for example `ipv4:127.0.0.1:40124,127.0.0.1:40125`; calls are spread over them if the
   * client's service config asks for `round_robin`. `undefined` without the option `grpc`.
   */
  readonly grpcTarget: string | undefined;
  /** What the servers have seen so far. */
  counts(): Promise<ClusterCounts>;
  /** Waits until no request is in progress at any server, then counts. */
  settled(): Promise<ClusterCounts>;
  /** Waits until no request is in progress, then starts counts and latency sequences again. */
  reset(): Promise<void>;
  /** Stops all servers and cuts their connections. May be called twice. */
  close(): Promise<void>;
}
