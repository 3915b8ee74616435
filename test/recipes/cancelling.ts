import { Pool } from 'pg';
import { signalOf } from '@hedgerow/server';
import { startGrpc } from '../server/grpc-host.js';
import { HOSTS, type Handler } from '../server/hosts.js';
import { send } from '../server/sockets.js';
import { until } from '../support/wait.js';
import { CancellableQueries } from './recipes/cancellable.js';
import { startPostgres } from './servers.js';

const ROUNDS = 20;
/** Longer than anything here waits. */
const SLEEP_S = 60;
const SLEEPING = "SELECT count(*)::int FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'";

/** How long a query lives after its client has gone, behind each kind of server: the milliseconds of every round. */
export async function cancelling(): Promise<ReadonlyMap<string, readonly number[]>> {
  await using postgres = await startPostgres();
  const poolOf = (): Pool => new Pool({ host: '127.0.0.1', port: postgres.port, user: 'postgres', database: 'postgres' });
  const [pool, watch] = [poolOf(), poolOf()];
  const queries = new CancellableQueries(pool);
  const sleeping = async (): Promise<number> => (await watch.query<{ count: number }>(SLEEPING)).rows[0]?.count ?? NaN;
  const handler: Handler = async (request) => {
    await queries.query('SELECT pg_sleep($1)', [SLEEP_S], signalOf(request)).catch(() => undefined);
    return 'ended';
  };
  const results = new Map<string, number[]>();
  const rounds = async (name: string, ask: () => { giveUp(): void }): Promise<void> => {
    const tookMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const asked = ask();
      while ((await sleeping()) === 0);
      const began = performance.now();
      asked.giveUp();
      while ((await sleeping()) > 0);
      tookMs.push(performance.now() - began);
    }
    results.set(name, tookMs);
  };
  for (const name of ['Express', 'Fastify']) {
    const host = await HOSTS[name]?.(handler);
    if (host === undefined) continue;
    await rounds(name, () => send(host.origin, false));
    await host.close();
  }
  const grpc = await startGrpc(handler);
  await rounds('gRPC', () => grpc.ask('Unary'));
  grpc.close();
  await until('all connections are back in their pool', () => pool.idleCount === pool.totalCount);
  await Promise.all([queries.end(), pool.end(), watch.end()]);
  return results;
}
