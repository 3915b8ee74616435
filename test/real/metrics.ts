/**
 * Sends metrics by both ways that people take (OTLP to a collector and on to Prometheus; the Prometheus exporter scraped directly),
 * asks Prometheus, and compares with what the servers counted. Runs every query that users are given.
 *
 * Usage: npm run test:metrics
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { metrics } from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import axios from 'axios';
import got from 'got';
import { hedgedAdapter } from '@hedgerow/axios';
import { Hedger } from '@hedgerow/core';
import { createHedgePlugin } from '@hedgerow/got';
import { startCluster } from 'hedgerow';
import { startJaeger } from './jaeger-server.js';
import { freePorts } from './ports.js';
import { startPrometheus, type Prometheus } from './prometheus-server.js';
import { alertExpressions, alertRules, givenQueries, metricsIn } from './queries.js';

const CALLS = 3_000;
const IN_FLIGHT = 10;
const ARRIVED_WITHIN_MS = 30_000;

const [direct = 0] = await freePorts(1);
await using collector = await startJaeger();
await using prometheus = await startPrometheus({ collector: collector.metrics, direct: `127.0.0.1:${direct}` }, alertRules);
await using cluster = await startCluster({ isolated: true, seed: 1 });
const provider = new MeterProvider({
  readers: [
    new PrometheusExporter({ port: direct, host: '127.0.0.1' }),
    new PeriodicExportingMetricReader({
      exporter: new OTLPMetricExporter({ url: `${collector.otlp}/v1/metrics` }),
      exportIntervalMillis: 500,
      exportTimeoutMillis: 500,
    }),
  ],
});
metrics.setGlobalMeterProvider(provider);

// A budget that is too small for its trigger, so that there are refusals to count. Losers finish: a copy that is cancelled before it
// was written never gets to the servers, and could not be compared.
const hedger = new Hedger({ delay: { quantile: 0.5 }, budget: { ratio: 0.1, burst: 20 }, losers: 'drain' });
const viaAxios = axios.create({ baseURL: cluster.url, adapter: hedgedAdapter({ hedger }) });
const viaGot = got.extend(createHedgePlugin({ hedger }), { prefixUrl: cluster.url });

let left = CALLS;
const worker = async (): Promise<void> => {
  while (left-- > 0) await (left % 2 === 0 ? viaAxios.get('/items/42') : viaGot('items/42'));
};
const stopped = Array.from({ length: IN_FLIGHT }, worker);
console.error(`${CALLS} calls through axios and got …`);
await Promise.all(stopped);
const { balancer } = await cluster.settled();
const stats = hedger.stats();

const faults: string[] = [];
for (const [job, suffix] of [['collector', { ratio: '_ratio' }], ['direct', { ratio: '' }]] as const) {
  const of = (name: string, labels = ''): string => `sum(${name}{job="${job}"${labels}})`;
  await arrival(prometheus, of('hedge_requests_total'), CALLS);
  const expect = async (what: string, expression: string, expected: number, tolerance = 0): Promise<void> => {
    const [sample] = await prometheus.query(expression);
    const value = sample?.value ?? 0;
    const ok = Math.abs(value - expected) <= tolerance;
    console.log(`${ok ? 'ok  ' : 'BAD '} ${job}: ${what}: ${value}, expected ${expected}`);
    if (!ok) faults.push(`${job}: ${what}`);
  };
  await expect('requests on the wire, as the servers count', of('hedge_attempts_total'), balancer.received);
  await expect('primaries', of('hedge_attempts_total', ',hedge_attempt_type="primary"'), CALLS);
  await expect('hedges, as the servers count', of('hedge_attempts_total', ',hedge_attempt_type="hedge"'), balancer.received - CALLS);
  for (const [reason, count] of Object.entries(stats.suppressions)) {
    await expect(`suppressions: ${reason}`, of('hedge_suppressions_total', `,hedge_suppression_reason="${reason}"`), count);
  }
  await expect('hedge rate', of(`hedge_rate${suffix.ratio}`), stats.hedged / CALLS, 1e-9);
  await expect('budget used', of('hedge_budget_usage'), stats.budget?.used ?? NaN, 1e-9);
  await expect('budget limit', of('hedge_budget_limit'), 20);
  await expect('nothing under way', of('hedge_attempt_active'), 0);
}
if (stats.suppressions.budget_exhausted === 0) faults.push('no refusal to count');

const known = new Set((await prometheus.query('count by (__name__) ({job="collector"})')).map(({ labels }) => labels.__name__));
for (const { where, expression } of [...givenQueries(), ...alertExpressions()]) {
  await prometheus.query(expression);
  for (const name of metricsIn(expression)) if (!known.has(name)) faults.push(`${where} names ${name}, which does not exist`);
}
console.log(`${givenQueries().length} queries of dashboard and docs and ${alertExpressions().length} alerts were run.`);

await provider.shutdown();
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;

/** Waits until Prometheus has scraped the end of it. */
async function arrival({ query }: Prometheus, expression: string, expected: number): Promise<void> {
  const deadline = Date.now() + ARRIVED_WITHIN_MS;
  while ((await query(expression))[0]?.value !== expected) {
    if (Date.now() > deadline) throw new Error(`\`${expression}\` did not become ${expected} within ${ARRIVED_WITHIN_MS} ms`);
    await sleep(250);
  }
}
