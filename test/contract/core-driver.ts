import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { buffer } from 'node:stream/consumers';
import { finished, Readable } from 'node:stream';
import { Hedger, hedgeInfo, isHedge, type AttemptContext, type HedgeCall, type HedgeRequest, type Settled } from '@hedgerow/core';
import { drainBody } from '@hedgerow/core/adapter';
import type { ContractClient, ContractDriver, ContractRequest } from './driver.js';

/** What one attempt of a core driver resolves to. */
interface Answer {
  readonly message: IncomingMessage;
  /** The whole body, in the driver that races to it. */
  readonly body: Buffer | undefined;
}

/** The smallest adapter there can be, over `node:http`: it shows the core by itself, racing to headers or to whole bodies. */
export function coreDriver(raceUntil: 'headers' | 'body'): ContractDriver {
  return {
    name: `core, racing to ${raceUntil}`,
    raceUntil,
    hedgeInfo,
    isHedge,
    isSteerable: true,
    errors: {
      aborted: { name: 'AbortError' },
      timeout: { message: 'client timeout' },
      reset: { code: 'ECONNRESET' },
      hedgeTimeout: { name: 'HedgeTimeoutError', code: 'HEDGE_TIMEOUT' },
    },
    create({ hedger, ...options }): ContractClient {
      const scheduler = hedger ?? new Hedger(options);
      // With a shared Hedger the client's own options are the base of its calls, as the adapters have it.
      const base = hedger && Object.keys(options).length > 0 ? hedger.resolve(options) : undefined;
      return {
        hedger: scheduler,
        async request(asked) {
          const { hedge } = asked;
          const perCall = hedge === false || base === undefined ? hedge : scheduler.resolve(hedge, base);
          const answer = await scheduler.run(describe(asked, raceUntil), perCall);
          const { statusCode = 0, headers } = answer.message;
          return { status: statusCode, headers, body: answer.body ?? (await buffer(answer.message)), carrier: answer };
        },
      };
    },
  };
}

function describe(asked: ContractRequest, raceUntil: 'headers' | 'body'): HedgeCall<Answer> {
  const { signal } = asked;
  return {
    request: toHedgeRequest(asked),
    raceUntil,
    ...(signal && { signal }),
    async start(attempt) {
      const message = await send(asked, attempt);
      return { message, body: raceUntil === 'body' ? await buffer(message) : undefined };
    },
    statusOf: (settled) => messageOf(settled)?.statusCode,
    headerOf: (settled, name) => messageOf(settled)?.headers[name]?.toString(),
    discard: (settled) => drainBody(messageOf(settled)),
    whenReleased: ({ message }, release) => void finished(message, release),
  };
}

/** Sends one attempt; resolves on the head of the answer. */
export function send(asked: ContractRequest, attempt: AttemptContext): Promise<IncomingMessage> {
  const { method = 'GET', body } = asked;
  const { url = asked.url, omits } = attempt.steered ?? {};
  const length = body === undefined || body instanceof Readable ? {} : { 'content-length': Buffer.byteLength(body) };
  const kept = Object.entries(asked.headers ?? {}).filter(([name]) => omits?.(name) !== true);
  const headers = { ...length, ...Object.fromEntries(kept), ...attempt.headers };
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, { method, headers, signal: attempt.signal });
    request.once('response', resolve);
    request.on('error', reject);
    if (asked.timeoutMs !== undefined) {
      const left = asked.timeoutMs - attempt.delayMs;
      const timer = setTimeout(() => request.destroy(Object.assign(new Error('client timeout'), { code: 'ETIMEDOUT' })), left);
      request.once('close', () => clearTimeout(timer));
    }
    if (body instanceof Readable) body.pipe(request);
    else request.end(body);
  });
}

function toHedgeRequest({ method = 'GET', url, headers = {}, body }: ContractRequest): HedgeRequest {
  const names = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return {
    method,
    url,
    header: (name) => names.get(name),
    body:
      body === undefined
        ? undefined
        : body instanceof Readable
          ? { replayable: false }
          : { replayable: true, bytes: Buffer.byteLength(body), text: () => Buffer.from(body).toString() },
  };
}

function messageOf(settled: Settled<Answer>): IncomingMessage | undefined {
  return settled.ok ? settled.value.message : undefined;
}
