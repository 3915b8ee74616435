/**
 * Plays every scene with every client under the real SDK and prints a {@link Report} as JSON. A process of its own, because
 * HTTP instrumentation patches modules, which does not reach those that jest loads.
 *
 * Usage: `node telemetry-program.js client|nested [instrumented]`
 */
import http from 'node:http';
import { createRequire } from 'node:module';
import { context, trace, type Span } from '@opentelemetry/api';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { Hedger } from '@hedgerow/core';
import { startSdk, type Point } from '../opentelemetry/sdk.js';
import { startScriptedServer } from '../support/scripted-server.js';
import { until } from '../support/wait.js';
import { clients, streamers, type OpenStream, type Send } from './telemetry-clients.js';
import type { Report, SceneReport } from './telemetry-report.js';
import { sceneHedger, scenes, type Scene } from './telemetry-scenes.js';

const METRICS = [
  'hedge.requests',
  'hedge.attempts',
  'hedge.suppressions',
  'hedge.request.duration',
  'hedge.attempt.duration',
  'hedge.request.hedges',
  'hedge.rate',
  'hedge.budget.usage',
  'hedge.budget.limit',
  'hedge.budget.utilization',
  'hedge.attempt.active',
];

const [form, instrumented] = process.argv.slice(2);
const sdk = startSdk();
if (instrumented !== undefined) instrument();
const report: Report = { scenes: await playAll(), metrics: await allMetrics(), streamed: await streamed(), control: await control() };
process.stdout.write(JSON.stringify(report), () => process.exit());

function instrument(): void {
  registerInstrumentations({
    tracerProvider: trace.getTracerProvider(),
    instrumentations: [new HttpInstrumentation({ disableIncomingRequestInstrumentation: true }), new UndiciInstrumentation()],
  });
  createRequire(import.meta.url)('node:http'); // a module is patched when it is required
}

async function playAll(): Promise<SceneReport[]> {
  const reports: SceneReport[] = [];
  const kept: unknown[] = []; // what is observed of a Hedger ends with it
  for (const [client, create] of Object.entries(clients)) {
    for (const scene of scenes) {
      if (scene.without?.includes(client) === true) continue;
      const hedger = sceneHedger(scene.options);
      kept.push(hedger);
      const send = create(hedger, { spans: form === 'nested' ? 'nested' : 'client' });
      reports.push({ client, ...(await play(scene, hedger, send)) });
    }
  }
  return kept.length > 0 ? reports : [];
}

async function play(scene: Scene, hedger: Hedger, send: Send): Promise<Omit<SceneReport, 'client'>> {
  sdk.forget();
  const server = await startScriptedServer();
  const controller = new AbortController();
  const { method = 'GET' } = scene;
  const url = scene.url?.(server.origin) ?? `${server.origin}/`;
  const caller = scene.orphan ? undefined : trace.getTracer('application').startSpan('application');
  const call = (): Promise<unknown> => send({ method, url, signal: controller.signal }).catch((error: unknown) => error);

  await scene.play({ server, hedger, abort: () => controller.abort(), end: inside(caller, call) });
  const received = server.requests.map(({ headers }) => headers.traceparent as string);
  if (method === 'GET') await until(`${received.length} attempts of "${scene.name}" have ended`, () => attempts() === received.length);
  caller?.end();
  await server.close();
  await new Promise((resolve) => setTimeout(resolve, 20)); // spans of the instrumentation end with their sockets
  return { scene: scene.name, received, callerSpan: caller?.spanContext().spanId, spans: sdk.spans() };
}

function attempts(): number {
  return sdk.spans().filter(({ attributes }) => attributes['hedge.attempt.number'] !== undefined).length;
}

function inside<R>(span: Span | undefined, body: () => R): R {
  return span ? context.with(trace.setSpan(context.active(), span), body) : body();
}

async function allMetrics(): Promise<Record<string, readonly Point[]>> {
  const entries: [string, readonly Point[]][] = [];
  const collected = await sdk.collect();
  for (const name of METRICS) entries.push([name, collected(name)]);
  return Object.fromEntries(entries);
}

async function streamed(): Promise<Record<string, boolean>> {
  const entries: [string, boolean][] = [];
  for (const [client, create] of Object.entries(streamers)) entries.push([client, await spanInListener(create(sceneHedger()))]);
  return Object.fromEntries(entries);
}

/** Starts a span in the first listener of a streamed body, which comes in pieces; whether it hangs below the caller's span. */
async function spanInListener(open: OpenStream): Promise<boolean> {
  sdk.forget();
  const server = await startScriptedServer();
  const tracer = trace.getTracer('application');
  const caller = tracer.startSpan('application');
  const listened = inside(caller, async () => {
    const body = await open(`${server.origin}/`);
    await new Promise<void>((resolve) => {
      body.once('data', () => {
        tracer.startSpan('in listener').end();
        resolve();
      });
    });
    body.destroy();
  });
  await (await server.next()).open().write('piece');
  await listened;
  caller.end();
  await server.close();
  return sdk.spans().find(({ name }) => name === 'in listener')?.parent === caller.spanContext().spanId;
}

/** One request by `http` and one by `fetch`, without hedgerow. */
async function control(): Promise<string[]> {
  sdk.forget();
  const server = await startScriptedServer();
  server.script((request) => request.respond());
  await new Promise((resolve) => http.get(server.origin, (response) => response.resume().once('close', resolve)));
  await (await fetch(server.origin)).text();
  await server.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  return sdk.spans().map(({ name }) => name);
}
