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
import { Hedger } from '@hedgerow/core';
import { instrumentHedger } from '@hedgerow/opentelemetry';
import { startCluster } from 'hedgerow';
import { CLIENTS, type Sender } from './clients.js';
import { checkFiles } from './files.js';
import { startJaeger } from './jaeger-server.js';
import { freePorts } from './ports.js';
import { startPrometheus } from './prometheus-server.js';
import { alertExpressions, alertRules, givenQueries, metricsIn, sidesOf } from './queries.js';
import { PROVOCATIONS, withholdByHand } from './reasons.js';

const CALLS = 2_000;
const IN_FLIGHT = 10;
const BURST = 20;
const RATIO = 0.1;
const ARRIVED_WITHIN_MS = 30_000;

const [direct = 0] = await freePorts(1);
await using collector = await startJaeger();
await using prometheus = await startPrometheus({ collector: collector.metrics, direct: `127.0.0.1:${direct}` }, alertRules);
await using cluster = await startCluster({ isolated: true, grpc: true, seed: 1 });
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

const faults: string[] = checkFiles();

// Losers finish: a copy that is cancelled before it was written never gets to the servers, and could not be compared.
const losers = 'drain';

for (const [name, open] of Object.entries(CLIENTS)) {
  // A budget that is too small for its trigger, so that it is used up.
  const hedger = new Hedger({ delay: { quantile: 0.5 }, budget: { ratio: RATIO, burst: BURST }, losers });
  const { route, send } = open(cluster, hedger, name);
  console.log(`${CALLS} calls through ${name}`);
  await drive(send);
  const received = await receivedBy(route);
  const hedges = received - CALLS;
  if (hedges === 0 || hedges > BURST + RATIO * CALLS) faults.push(`${name}: ${hedges} hedges came to the servers`);
  await compare(name, hedger, CALLS, received);
}

for (const { reason, options, provoke } of PROVOCATIONS) {
  const name = `refuses_${reason}`;
  const hedger = new Hedger({ losers, ...options });
  const { route, send } = CLIENTS.axios(cluster, hedger, name);
  console.log(`calls that are not hedged because of ${reason}`);
  const { calls, due } = await provoke(send);
  const received = await receivedBy(route);
  await compare(name, hedger, calls, received);
  // Each hedge that was due came to the servers or was withheld.
  await expect(`${name}: due and not sent, as the servers count`, (job) => total(job, 'hedge_suppressions_total', name), due - (received - calls));
  if (hedger.stats().suppressions[reason] === 0) faults.push(`${name}: nothing was withheld for it`);
}

// For the queries about errors.
const { send } = CLIENTS.axios(cluster, new Hedger(), 'fails');
for (let call = 0; call < 20; call++) await Promise.all([send({ status: 500 }).catch(() => undefined), sleep(150)]);

// And for those about reasons that nothing of the cluster gives.
const byHand = new Hedger({ delay: 1, budget: false });
instrumentHedger(byHand, { name: 'by_hand' });
await withholdByHand(byHand, 40, 150);
await sleep(2_000);

await runQueries();
await provider.shutdown();
for (const fault of faults) console.error(fault);
console.log(faults.length === 0 ? 'Prometheus saw what the servers counted.' : `${faults.length} faults.`);
process.exitCode = faults.length === 0 ? 0 : 1;

async function drive(send: Sender['send']): Promise<void> {
  let left = CALLS;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
}

async function receivedBy(route: string): Promise<number> {
  return (await cluster.settled()).routes[route]?.received ?? 0;
}

type Job = 'collector' | 'direct';

/** The sum of a metric over what one Hedger reported. */
function total(job: Job, metric: string, name: string, labels = ''): string {
  return `sum(${metric}{job="${job}",hedge_name="${name}"${labels}})`;
}

/** What Prometheus knows of a Hedger, with what the servers counted; where they cannot know, with what the Hedger says. */
async function compare(name: string, hedger: Hedger, calls: number, received: number): Promise<void> {
  const { ineligible, suppressions, budget } = hedger.stats();
  const attempts = 'hedge_attempts_total';
  await expect(`${name}: requests on the wire`, (job) => total(job, attempts, name), received);
  await expect(`${name}: calls`, (job) => total(job, 'hedge_requests_total', name), calls);
  await expect(`${name}: primaries`, (job) => total(job, attempts, name, ',hedge_attempt_type="primary"'), calls);
  await expect(`${name}: hedges`, (job) => total(job, attempts, name, ',hedge_attempt_type="hedge"'), received - calls);
  await expect(`${name}: hedge rate`, (job) => total(job, job === 'direct' ? 'hedge_rate' : 'hedge_rate_ratio', name), (received - calls) / calls);
  await expect(`${name}: nothing under way`, (job) => total(job, 'hedge_attempt_active', name), 0);
  for (const [reason, count] of Object.entries(ineligible)) {
    await expect(`${name}: not hedged, ${reason}`, (job) => total(job, 'hedge_ineligible_total', name, `,hedge_ineligible_reason="${reason}"`), count);
  }
  for (const [reason, count] of Object.entries(suppressions)) {
    await expect(`${name}: suppressions, ${reason}`, (job) => total(job, 'hedge_suppressions_total', name, `,hedge_suppression_reason="${reason}"`), count);
  }
  if (budget === undefined) return;
  await expect(`${name}: budget used`, (job) => total(job, 'hedge_budget_usage', name), budget.used);
  await expect(`${name}: budget limit`, (job) => total(job, 'hedge_budget_limit', name), budget.limit);
}

/** Waits until Prometheus has scraped it, by both ways; nothing at all counts as 0. */
async function expect(what: string, expression: (job: Job) => string, expected: number): Promise<void> {
  for (const job of ['collector', 'direct'] as const) {
    const deadline = Date.now() + ARRIVED_WITHIN_MS;
    let value: number;
    while (!isClose((value = (await prometheus.query(expression(job)))[0]?.value ?? 0), expected) && Date.now() < deadline) await sleep(250);
    const ok = isClose(value, expected);
    console.log(`${ok ? 'ok  ' : 'BAD '} ${job.padEnd(9)} ${what}: ${value}, expected ${expected}`);
    if (!ok) faults.push(`${job}: ${what}`);
  }
}

function isClose(value: number, expected: number): boolean {
  return Math.abs(value - expected) < 1e-9;
}

/** Every query that users are given has an answer, and names nothing that does not exist. */
async function runQueries(): Promise<void> {
  const known = new Set((await prometheus.query('count by (__name__) ({job="collector"})')).map(({ labels }) => labels.__name__));
  const queries = [...givenQueries(), ...alertExpressions()];
  for (const { where, expression } of queries) {
    for (const name of metricsIn(expression)) if (!known.has(name)) faults.push(`${where} names ${name}, which does not exist`);
    await prometheus.query(expression);
    for (const side of sidesOf(expression)) {
      const answer = await prometheus.query(side);
      if (!answer.some(({ value }) => Number.isFinite(value))) faults.push(`${where}: \`${side}\` has no answer`);
    }
  }
  console.log(`${queries.length} queries of dashboard, pages and alerts were run.`);
}
