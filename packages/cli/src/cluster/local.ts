import { startBackend } from './backend.js';
import { startBalancer } from './balancer.js';
import { checkNumber } from '../check.js';
import { latencySequence } from './latency.js';
import { sumRoutes } from './tally.js';
import type { Cluster, ClusterOptions, SeenTraceparent } from './types.js';

const MAX_TRACEPARENTS = 10_000;

/** Starts the servers in this thread. Throws like `startCluster`. */
export async function startLocalCluster(options: ClusterOptions): Promise<Cluster> {
  const count = checkNumber('backends', options.backends ?? 3, { min: 1, max: 64, integer: true });
  const latencyOf = latencyByPath(options);
  const traceparents: SeenTraceparent[] = [];
  const remember = (backend: number) => (traceparent: string) => {
    if (traceparents.length < MAX_TRACEPARENTS) traceparents.push({ backend, traceparent });
  };
  const backends = await Promise.all(
    Array.from({ length: count }, (_, number) =>
      startBackend({
        number,
        latencyOf,
        onTraceparent: options.recordTraceparents ? remember(number) : undefined,
        grpc: options.grpc ?? false,
      }),
    ),
  );
  const balancer = await startBalancer(backends.map((backend) => backend.port));
  const tallies = [balancer.tally, ...backends.map((backend) => backend.tally)];

  const counts = () => ({
    balancer: balancer.tally.total,
    backends: backends.map((backend) => backend.tally.total),
    routes: sumRoutes(backends.map((backend) => backend.tally)),
    traceparents: [...traceparents],
  });
  // The balancer comes first: once it is idle, the backends hear of no new request.
  const idle = async () => {
    for (const tally of tallies) await tally.idle();
  };
  const close = async () => {
    await balancer.close();
    await Promise.all(backends.map((backend) => backend.close()));
  };
  return {
    url: balancer.url,
    backendUrls: backends.map((backend) => backend.url),
    grpcTarget: options.grpc ? `ipv4:${backends.map(({ grpcPort }) => `127.0.0.1:${String(grpcPort)}`).join()}` : undefined,
    counts: () => Promise.resolve(counts()),
    settled: () => idle().then(counts),
    reset: async () => {
      await idle();
      for (const server of [balancer, ...backends]) server.reset();
      traceparents.length = 0;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function latencyByPath(options: ClusterOptions) {
  const seed = checkNumber('seed', options.seed ?? 1, { min: 0, max: 2 ** 32 - 1, integer: true });
  const usual = latencySequence(seed, options.latency);
  const routes = Object.entries(options.routes ?? {}).map(
    ([path, latency]) => [path, latencySequence(seed, latency, `routes['${path}']`)] as const,
  );
  const byPath = new Map(routes);
  return (path: string) => byPath.get(path) ?? usual;
}
