/**
 * The recipes of docs/guides/any-promise.md against a real PostgreSQL and a real Redis, behind a proxy that makes one message in twenty late: p99 with and without
 * hedging, what the pools and the servers still hold after 10,000 calls, and whether losers are cancelled, also behind servers of one's own.
 *
 * Usage: npm run test:recipes [-- --calls 10000]
 */
import { parseArgs } from 'node:util';
import { Pool } from 'pg';
import { createClientPool } from 'redis';
import { Hedger, type HedgerStats } from '@hedgerow/core';
import { quantileOf } from '../real/paced.js';
import { until } from '../support/wait.js';
import { cancelling } from './cancelling.js';
import { HedgedQueries } from './recipes/postgres.js';
import { HedgedReads } from './recipes/redis.js';
import { startPostgres, startRedis } from './servers.js';
import { startStragglingProxy, type StragglingProxy } from './straggling-proxy.js';

/** Calls at a time. Each waits for the one before, so that a busy machine makes fewer of them and not a queue. */
const IN_FLIGHT = 10;
const WARM_UP = 1_000;
const STRAGGLERS = 0.05;
const HELD_MS = 150;
/** More than the calls that are late at any moment, so that no call waits for a connection. */
const CONNECTIONS = 40;
/** Longer than anything here waits: a query that is not cancelled shows. */
const SLEEP_S = 60;

const { calls } = parseArgs({ options: { calls: { type: 'string', default: '10000' } } }).values;
const CALLS = Number(calls);
const missed: string[] = [];

await postgres();
await redis();
for (const [name, tookMs] of await cancelling()) {
  const longestMs = Math.max(...tookMs);
  report(`A query whose client has gone, behind ${name}`, `gone after ${longestMs.toFixed(0)} ms at most, of ${tookMs.length}`, { 'it is gone within 100 ms': longestMs < 100 });
}
console.log(missed.length === 0 ? 'All as it should be.' : `Missed: ${missed.join('; ')}`);
process.exitCode = missed.length === 0 ? 0 : 1;

async function postgres(): Promise<void> {
  await using server = await startPostgres();
  await using proxy = await startStragglingProxy(server.port, HELD_MS, Math.random);
  const poolAt = (port: number): Pool => new Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: CONNECTIONS });
  const [plainPool, pool, direct] = [poolAt(proxy.port), poolAt(proxy.port), poolAt(server.port)];
  await direct.query('CREATE TABLE users AS SELECT id, md5(id::text) AS name FROM generate_series(1, 10000) AS id');
  await direct.query('CREATE INDEX ON users (id)');
  const hedger = new Hedger();
  const queries = new HedgedQueries(hedger, pool);
  const sql = 'SELECT name FROM users WHERE id = $1';
  await compare('PostgreSQL', proxy, hedger, (id) => plainPool.query(sql, [id]), (id) => queries.query('users.find', sql, [id]));

  const busy = "SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend' AND state <> 'idle' AND pid <> pg_backend_pid()";
  const busyAtServer = async (): Promise<number> => (await direct.query<{ count: number }>(busy)).rows[0]?.count ?? NaN;
  const isIdle = (): boolean => pool.idleCount === pool.totalCount && pool.waitingCount === 0;
  await until('all connections are back in their pool', isIdle);
  const left = await busyAtServer();
  report('PostgreSQL, afterwards', `${pool.totalCount} connections, ${pool.idleCount} of them idle, ${left} queries at the server`, { 'no query is left at the server': left === 0 });

  await direct.query('CREATE SEQUENCE turn');
  const sleepy = `SELECT CASE WHEN nextval('turn') % 2 = 1 THEN pg_sleep(${SLEEP_S}) END`;
  const eager = new HedgedQueries(new Hedger({ delay: 50 }), pool);
  await eager.query('sleepy', sleepy, []);
  await until('the sleeping primary is cancelled', isIdle);
  const abandoned = new HedgedQueries(new Hedger({ mode: 'off' }), pool);
  const controller = new AbortController();
  const given = abandoned.query('sleepy', sleepy, [], controller.signal).then(() => 'answered', () => 'given up');
  while ((await busyAtServer()) === 0);
  controller.abort();
  await until('the abandoned query is cancelled', isIdle);
  report('PostgreSQL, cancelling', `the loser and the abandoned query were cancelled, ${await busyAtServer()} queries at the server`, {
    'its caller was told': (await given) === 'given up',
    'no query sleeps on': (await busyAtServer()) === 0,
  });
  await Promise.all([queries, eager, abandoned].map((each) => each.end()));
  await Promise.all([plainPool, pool, direct].map((each) => each.end()));
  await until('no connection is left', () => proxy.connections === 0);
}

async function redis(): Promise<void> {
  await using server = await startRedis();
  await using proxy = await startStragglingProxy(server.port, HELD_MS, Math.random);
  const poolOf = (): ReturnType<typeof createClientPool> => createClientPool({ socket: { host: '127.0.0.1', port: proxy.port } }, { minimum: CONNECTIONS, maximum: CONNECTIONS });
  const [plainPool, pool] = [poolOf(), poolOf()];
  await Promise.all([plainPool.connect(), pool.connect()]);
  await pool.set('greeting', 'hello');
  const hedger = new Hedger();
  const reads = new HedgedReads(hedger, pool);
  await compare('Redis', proxy, hedger, () => plainPool.get('greeting'), () => reads.get('greeting', 'greeting'));
  await until('all connections are back in their pool', () => pool.clientsInUse === 0 && pool.tasksQueueLength === 0);
  report('Redis, afterwards', `${pool.totalClients} connections, ${pool.idleClients} of them idle`, { 'every connection is idle': pool.idleClients === pool.totalClients });
  await Promise.all([plainPool.close(), pool.close()]);
  await until('no connection is left', () => proxy.connections === 0);
}

async function compare(what: string, proxy: StragglingProxy, hedger: Hedger, plain: (number: number) => Promise<unknown>, hedged: (number: number) => Promise<unknown>): Promise<void> {
  proxy.share = STRAGGLERS;
  await timed(WARM_UP, hedged);
  const before = hedger.stats();
  const without = await timed(CALLS, plain);
  const with_ = await timed(CALLS, hedged);
  proxy.share = 0;
  const { attempts, eligible, activeHedges, suppressions } = hedger.stats();
  const extra = (attempts.hedge - before.attempts.hedge) / (eligible - before.eligible);
  const [p99Without, p99With] = [without, with_].map(({ latenciesMs }) => quantileOf(latenciesMs, 0.99)) as [number, number];
  report(what, `p99 ${p99Without.toFixed(1)} → ${p99With.toFixed(1)} ms, ${(100 * extra).toFixed(1)} % more, ${with_.failed} of ${CALLS} failed; withheld: ${withheld(suppressions, before.suppressions)}`, {
    'p99 at most half': p99With <= 0.5 * p99Without,
    'no more than 11 % extra': extra <= 0.11,
    'nothing failed': with_.failed === 0,
    'no hedge is under way': activeHedges === 0,
  });
}

function withheld(after: HedgerStats['suppressions'], before: HedgerStats['suppressions']): string {
  const reasons = Object.entries(after).map(([reason, count]) => [reason, count - before[reason as keyof typeof before]] as const);
  return reasons.filter(([, count]) => count > 0).map(([reason, count]) => `${count} ${reason}`).join(', ') || 'none';
}

/** Latencies of those that were answered, ascending, in milliseconds, and how many were not. */
async function timed(count: number, call: (number: number) => Promise<unknown>): Promise<{ readonly latenciesMs: readonly number[]; readonly failed: number }> {
  const latenciesMs: number[] = [];
  let sent = 0;
  let failed = 0;
  const worker = async (): Promise<void> => {
    while (sent < count) {
      const startedAtMs = performance.now();
      try {
        await call(sent++);
        latenciesMs.push(performance.now() - startedAtMs);
      } catch {
        failed++;
      }
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return { latenciesMs: latenciesMs.sort((a, b) => a - b), failed };
}

function report(what: string, measured: string, checks: Readonly<Record<string, boolean>>): void {
  console.log(`${what}: ${measured}`);
  for (const [check, holds] of Object.entries(checks)) if (!holds) missed.push(`${what}: ${check}`);
}
