import { Agent, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { Hedger, hedgedRequestHandler, hedgeInfo, isHedge, type HedgerOptions, type HedgedRequestHandler, type RaceUntil } from '@hedgerow/aws';
import type { ContractDriver } from './driver.js';

type Handler = HedgedRequestHandler<NodeHttpHandler>;

/** The AWS SDK's request handler, asked as the SDK asks it. The methods of the suite are those of its REST services. */
export function awsDriver(raceUntil: RaceUntil & ContractDriver['raceUntil'] = 'headers'): ContractDriver {
  return {
    name: `the AWS SDK's NodeHttpHandler, racing to ${raceUntil}`,
    raceUntil,
    hedgeInfo,
    isHedge,
    refusesUserInfo: true, // the signature says who asks
    errors: {
      aborted: { name: 'AbortError' },
      timeout: { name: 'TimeoutError' },
      reset: { code: 'ECONNRESET' },
      hedgeTimeout: { name: 'TimeoutError', cause: { name: 'HedgeTimeoutError', code: 'HEDGE_TIMEOUT' } },
    },
    create({ hedger, ...options }) {
      const scheduler = hedger ?? new Hedger(options);
      const own = hedger ? { ...options, hedger } : { hedger: scheduler };
      const handlers = new Handlers({ raceUntil, ...own });
      return {
        hedger: scheduler,
        close: () => handlers.close(),
        async request({ method = 'GET', url, headers = {}, body, signal, timeoutMs, hedge }) {
          const request = { ...placeOf(url), method, headers: { ...lengthOf(body), ...headers }, ...(body !== undefined && { body }) };
          const { response } = await handlers.of(timeoutMs).handle(request as never, {
            ...(signal && { abortSignal: signal }),
            ...(hedge !== undefined && { hedge }),
          });
          return { status: response.statusCode, headers: response.headers, body: await buffer(response.body as IncomingMessage), carrier: response };
        },
      };
    },
  };
}

/** One handler for each timeout: older SDKs take it with the handler alone. */
class Handlers {
  private readonly options: HedgerOptions & { readonly hedger: Hedger };
  private readonly all = new Map<number | undefined, Handler>();

  constructor(options: HedgerOptions & { readonly hedger: Hedger }) {
    this.options = options;
  }

  of(requestTimeout: number | undefined): Handler {
    let handler = this.all.get(requestTimeout);
    if (handler === undefined) {
      // The suite has more requests at a time than the 50 connections that the SDK's agent has by default.
      const settings = { httpAgent: new Agent({ keepAlive: true, maxSockets: 500 }), throwOnRequestTimeout: true, ...(requestTimeout !== undefined && { requestTimeout }) };
      this.all.set(requestTimeout, (handler = hedgedRequestHandler(new NodeHttpHandler(settings), this.options)));
    }
    return handler;
  }

  close(): void {
    for (const handler of this.all.values()) handler.destroy();
  }
}

/** A URL in the parts that the SDK has of it. */
export function placeOf(url: string): object {
  const { protocol, hostname, port, pathname, searchParams } = new URL(url);
  return { protocol, hostname, ...(port !== '' && { port: Number(port) }), path: pathname, query: Object.fromEntries(searchParams) };
}

/** The SDK says how long a body in memory is. */
function lengthOf(body: unknown): Record<string, string> {
  return typeof body === 'string' || body instanceof Uint8Array ? { 'content-length': String(Buffer.byteLength(body)) } : {};
}
