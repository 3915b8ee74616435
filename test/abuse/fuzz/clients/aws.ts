import { Agent } from 'node:http';
import type { Readable } from 'node:stream';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { hedgedRequestHandler } from '@hedgerow/aws';
import { placeOf } from '../../../contract/aws-driver.js';
import { hedgingOf } from '../hedging.js';
import { readStream } from '../reading.js';
import type { Run } from '../run.js';
import { linesOf } from '../told.js';
import { bodyFor, headersFor, signalFor, type Ask } from './client.js';

/** The AWS SDK's handler, asked as the SDK asks it: what is fuzzed are the methods of its REST services. */
export const awsHandler: Ask = async (run) => {
  const { asked, caller } = run.plan;
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  run.closers.push(() => agent.destroy());
  run.inUse = () => Object.keys(agent.sockets).length;
  const { handler, hedge } = handlerOf(run, agent);
  const body = bodyFor(run);
  const signal = signalFor(run);
  const headers = { ...lengthOf(body), ...(headersFor(run) as Record<string, string> | undefined) };
  const request = { ...placeOf(run.url), method: asked.method, headers, ...(body !== undefined && { body }) };
  const options = { ...(signal !== undefined && { abortSignal: signal as AbortSignal }), ...(hedge !== undefined && { hedge }) };
  const { response } = await handler.handle(request as never, options);
  run.seen.head = { statusCode: response.statusCode, reason: response.reason, headers: linesOf(response.headers, (text) => run.tidy(text)) };
  const moment = run.at('head');
  if (moment !== undefined) await moment;
  if (caller.read !== 'nothing') await readStream(run, response.body as Readable);
};

function handlerOf(run: Run, httpAgent: Agent): { readonly handler: Pick<NodeHttpHandler, 'handle'>; readonly hedge?: object | undefined } {
  const inner = new NodeHttpHandler({ httpAgent, ...(run.plan.caller.timeoutMs > 0 && { requestTimeout: run.plan.caller.timeoutMs }) });
  run.closers.push(() => inner.destroy());
  if (!run.isHedged) return { handler: inner };
  const { hedger, client, call } = hedgingOf(run);
  return { handler: hedgedRequestHandler(inner, { hedger, telemetry: false, ...client }), hedge: call };
}

/** The SDK says how long a body in memory is. */
function lengthOf(body: unknown): Record<string, string> {
  return typeof body === 'string' || body instanceof Uint8Array ? { 'content-length': String(Buffer.byteLength(body)) } : {};
}
