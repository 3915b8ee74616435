/**
 * Runs the examples with the ordinary OTLP exporters against a real Jaeger and asks it what it saw.
 *
 * Usage: npm run test:jaeger [-- --otlp URL --query URL], the latter to use a Jaeger that runs already.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { startJaeger, type Jaeger } from './jaeger-server.js';
import { callsOf, faultsOf, findTraces, serverSpansOf, type Span } from './traces.js';

/** The examples that hedge calls, one or two of each client. */
const EXAMPLES = ['axios', 'got', 'fetch', 'grpc-unary', 'grpc-streaming'] as const;
const LIMIT_MS = 60_000;
/** Spans are exported in batches and indexed when they come. */
const SETTLED_WITHIN_MS = 10_000;

const examples = join(import.meta.dirname, '../../../examples/dist');
const { values } = parseArgs({ options: { otlp: { type: 'string' }, query: { type: 'string' } } });
await using jaeger: Jaeger = values.otlp === undefined || values.query === undefined ? await startJaeger() : given(values.otlp, values.query);

let failed = 0;
for (const example of EXAMPLES) {
  const service = `example-${example}-${process.pid}`;
  await run(example, service);
  const faults = await check(service);
  for (const fault of faults) console.error(`  ${fault}`);
  if (faults.length > 0) failed++;
}
console.log(failed === 0 ? 'Jaeger saw what it should.' : `${failed} of ${EXAMPLES.length} examples left traces that are wrong.`);
process.exitCode = failed === 0 ? 0 : 1;

function given(otlp: string, query: string): Jaeger {
  return { otlp, query, metrics: '', [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function run(example: string, service: string): Promise<void> {
  const env = {
    ...process.env,
    NODE_OPTIONS: `--import=${pathToFileURL(join(examples, 'observability/register.js')).href}`,
    OTEL_SERVICE_NAME: service,
    OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlp,
  };
  const child = spawn(process.execPath, [join(examples, `${example}.js`)], { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: LIMIT_MS });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`the example ${example} ended with code ${code}`);
}

async function check(service: string): Promise<string[]> {
  const traces = await settledTraces(service);
  const hedged = traces.filter((trace) => callsOf(trace).some((attempts) => attempts.length > 1));
  const attempts = hedged.flatMap((trace) => callsOf(trace).flat());
  const answered = hedged.flatMap((trace) => callsOf(trace).flat().filter((attempt) => serverSpansOf(trace, attempt).length > 0));
  const faults = hedged.flatMap(faultsOf);
  if (hedged.length === 0) faults.push('no call with two attempts in one trace');
  console.log(`${service}: ${hedged.length} hedged calls, ${attempts.length} attempts, ${answered.length} of them with their server's span; ${faults.length} faults`);
  return faults;
}

/** Waits until Jaeger has nothing new to say. */
async function settledTraces(service: string): Promise<Span[][]> {
  const deadline = Date.now() + SETTLED_WITHIN_MS;
  let spans = -1;
  for (;;) {
    const traces = await findTraces(jaeger.query, service, { 'hedge.attempt.number': '1' });
    const now = traces.flat().length;
    if ((now > 0 && now === spans) || Date.now() > deadline) return traces;
    spans = now;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
