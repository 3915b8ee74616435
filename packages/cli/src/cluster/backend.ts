import type { ServerResponse } from 'node:http';
import type { LatencySequence } from './latency.js';
import { listen } from './server.js';
import { Tally } from './tally.js';

const CHUNK = Buffer.alloc(64 * 1024, 'hedgerow ');

export interface BackendOptions {
  /** From 0. */
  readonly number: number;
  /** The latency of a path (without query). */
  readonly latencyOf: (path: string) => LatencySequence;
  readonly onTraceparent: ((traceparent: string) => void) | undefined;
}

export interface Backend {
  readonly port: number;
  readonly url: string;
  readonly tally: Tally;
  /** Starts counts and the latency sequence again. */
  reset(): void;
  close(): Promise<void>;
}

/** One HTTP server that answers everything after a while. */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const { number, latencyOf, onTraceparent } = options;
  const tally = new Tally();
  let arrivals = 0;
  const server = await listen((request, response) => {
    const url = new URL(request.url ?? '/', 'http://backend');
    const arrival = arrivals++;
    tally.follow(`${String(request.method)} ${url.pathname}`, response);
    const { traceparent } = request.headers;
    if (onTraceparent && typeof traceparent === 'string') onTraceparent(traceparent);
    request.resume();
    const fixedMs = parameter(url, 'ms');
    const latencyMs = fixedMs ?? latencyOf(url.pathname)(number, arrival);
    // Node's timers know whole milliseconds only. Rounding leaves the distribution where it is, give or take one of them.
    const timer = setTimeout(() => answer(response, url, { backend: number, arrival, latencyMs }), Math.round(latencyMs));
    response.once('close', () => clearTimeout(timer));
  });
  return {
    port: server.port,
    url: server.url,
    tally,
    reset: () => {
      arrivals = 0;
      tally.reset();
    },
    close: () => server.close(),
  };
}

interface Answer {
  readonly backend: number;
  readonly arrival: number;
  readonly latencyMs: number;
}

function answer(response: ServerResponse, url: URL, body: Answer): void {
  if (url.searchParams.has('drop')) {
    response.destroy();
    return;
  }
  const bytes = parameter(url, 'bytes');
  const retryAfter = url.searchParams.get('retryAfter');
  const json = `${JSON.stringify(body)}\n`;
  response.writeHead(parameter(url, 'status') ?? 200, {
    'content-type': bytes === undefined ? 'application/json' : 'application/octet-stream',
    'content-length': bytes ?? Buffer.byteLength(json),
    'x-served-by': `backend-${body.backend}`,
    ...(retryAfter === null ? {} : { 'retry-after': retryAfter }),
  });
  if (bytes === undefined) response.end(json);
  else sendBytes(response, bytes);
}

/** Sends so many bytes, no faster than the reader takes them. */
function sendBytes(response: ServerResponse, bytes: number): void {
  let left = bytes;
  const more = () => {
    while (left > 0 && !response.destroyed) {
      const size = Math.min(left, CHUNK.length);
      left -= size;
      if (!response.write(CHUNK.subarray(0, size))) {
        response.once('drain', more);
        return;
      }
    }
    response.end();
  };
  more();
}

function parameter(url: URL, name: string): number | undefined {
  const value = Number(url.searchParams.get(name) ?? undefined);
  return value >= 0 && Number.isFinite(value) ? value : undefined;
}
