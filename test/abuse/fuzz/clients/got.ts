import http, { Agent } from 'node:http';
import { createRequire } from 'node:module';
import { EventEmitter } from 'node:events';
import got, { HTTPError, RequestError, type Got, type OptionsInit, type Response } from 'got';
import { createHedgePlugin } from '@hedgerow/got';
import { hedgingOf } from '../hedging.js';
import { readStream, Reading } from '../reading.js';
import type { Run } from '../run.js';
import { linesOf } from '../told.js';
import { bodyFor, headersFor, signalFor, type Ask } from './client.js';

/** Of the package that got has for HTTP/2. */
interface Http2Wrapper {
  readonly Agent: new () => { destroy(): void };
}

const { Agent: Http2Agent } = createRequire(import.meta.resolve('got'))('http2-wrapper') as Http2Wrapper;

/** got for a promise, over HTTP/1.1 or HTTP/2. */
export function gotClient(isHttp2: boolean): Ask {
  return async (run) => {
    const client = make(run, isHttp2);
    const responseType = RESPONSE_TYPES[run.plan.caller.read] ?? 'text';
    try {
      const call = client(run.url, { responseType } as OptionsInit) as Promise<Response> & { on?: (name: string, listener: () => void) => void };
      for (const name of ['request', 'response', 'redirect', 'downloadProgress', 'uploadProgress']) call.on?.(name, () => run.note(name));
      deliver(run, (await call));
    } catch (error) {
      run.seen.error = run.tell(error);
      if (error instanceof HTTPError) deliver(run, error.response);
      else if (error instanceof RequestError && error.response !== undefined) run.seen.head = headOf(run, error.response);
    }
  };
}

/** got's stream. */
export const gotStream: Ask = async (run) => {
  const client = make(run, false);
  const { body, method } = run.plan.asked;
  const stream = client.stream(run.url, {} as never);
  if (body === 'none' && method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS') stream.end();
  for (const name of ['request', 'response', 'redirect', 'downloadProgress', 'uploadProgress'] as const) {
    stream.on(name, () => {
      run.note(name);
      if (name === 'response') run.event(name);
    });
  }
  let failure: unknown;
  stream.once('error', (error: unknown) => (failure = error));
  stream.once('response', (response: Response) => {
    run.seen.head = headOf(run, response);
    void run.at('head');
  });
  await readStream(run, stream);
  if (failure !== undefined) run.seen.error = run.tell(failure);
};

const RESPONSE_TYPES: Partial<Record<string, 'json' | 'buffer' | 'text'>> = { json: 'json', bytes: 'buffer', text: 'text' };

function make(run: Run, isHttp2: boolean): Got {
  const { asked, caller } = run.plan;
  const agent = new Agent({ keepAlive: true });
  run.closers.push(() => agent.destroy());
  // Streams of a connection that is shared are told of in the context of whoever opened it, and one that many runs have reset is closed.
  const http2 = isHttp2 ? new Http2Agent() : undefined;
  run.closers.push(() => http2?.destroy());
  if (!isHttp2) run.inUse = () => Object.keys(agent.sockets).length;
  const signal = signalFor(run);
  const body = bodyFor(run);
  const common = {
    method: asked.method as 'GET',
    retry: { limit: 0 },
    ...(isHttp2 ? { http2: true, agent: { http2 }, https: { rejectUnauthorized: false } } : { agent: { http: agent } }),
    headers: (headersFor(run) ?? {}) as Record<string, string>,
    ...(body !== undefined && { body: body as string }),
    ...(caller.timeoutMs > 0 && { timeout: { request: caller.timeoutMs } }),
    decompress: caller.decompress,
    throwHttpErrors: caller.throwsOnStatus,
    maxRedirects: 3,
    ...(signal !== undefined && { signal: signal as AbortSignal }),
    hooks: {
      beforeRequest: [() => run.note('beforeRequest')],
      beforeRedirect: [() => run.note('beforeRedirect')],
      afterResponse: [(response: Response) => (run.note('afterResponse'), response)],
      beforeError: [(error: RequestError) => (run.note('beforeError'), error)],
    },
    ...(asked.inner !== 'usual' && !isHttp2 && { request: requestFunction(run) }),
  } as unknown as OptionsInit;
  if (!run.isHedged) return got.extend(common);
  const { hedger, client, call } = hedgingOf(run);
  return got.extend(createHedgePlugin({ hedger, telemetry: false, ...client }), common, call === undefined ? {} : { context: { hedge: call } });
}

/** A user's function that sends requests. */
function requestFunction(run: Run): unknown {
  return (...args: Parameters<typeof http.request>) => {
    run.note('inner');
    switch (run.plan.asked.inner) {
      case 'throws':
        throw new TypeError('the inner one throws');
      case 'resolves with nothing':
        return undefined;
      case 'tells the end callback':
        return tellsTheEndCallback();
      default:
        return http.request(...args);
    }
  };
}

/** A request that tells of a failed write to the callback of `end` alone. */
function tellsTheEndCallback(): unknown {
  return Object.assign(new EventEmitter(), {
    writable: true,
    writableEnded: false,
    destroyed: false,
    write: () => true,
    end(callback?: (error: Error) => void) {
      setTimeout(() => callback?.(Object.assign(new Error('it cannot be written'), { code: 'ETEST' })), 5);
    },
    destroy(this: { destroyed: boolean }) {
      this.destroyed = true;
    },
  });
}

function headOf(run: Run, response: Response): unknown {
  const { statusCode, statusMessage, headers, rawHeaders, url, requestUrl, redirectUrls, isFromCache, retryCount, ip, httpVersion, trailers } = response as Response & { readonly rawHeaders: string[] };
  return {
    statusCode,
    statusMessage,
    headers: linesOf(headers, (text) => run.tidy(text)),
    rawHeaders: rawHeaders.length,
    trailers,
    httpVersion,
    isFromCache,
    retryCount,
    // Of a connection that is reset nobody knows it, if he is late.
    hasIp: ip !== undefined || [run.plan.primary, run.plan.hedge].some(({ end }) => end === 'reset'),
    paths: [url, requestUrl, ...redirectUrls].map((each) => run.tidy(String(each))),
  };
}

function deliver(run: Run, response: Response): void {
  run.seen.head = headOf(run, response);
  const reading = new Reading(run);
  const body: unknown = response.body;
  reading.piece(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body));
  reading.end();
}
