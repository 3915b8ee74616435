import type { ServerResponse } from 'node:http';
import type { LatencySequence } from './latency.js';
import { listen } from './server.js';
import { Tally } from './tally.js';
import type { Arrival, Visit } from './visit.js';

const CHUNK = Buffer.alloc(64 * 1024, 'hedgerow ');

export interface BackendOptions {
  /** From 0. */
  readonly number: number;
  /** The latency of a path (without query). */
  readonly latencyOf: (path: string) => LatencySequence;
  readonly onTraceparent: ((traceparent: string) => void) | undefined;
  /** Whether it also answers gRPC, on a port of its own. */
  readonly grpc: boolean;
}

export interface Backend {
  readonly port: number;
  readonly url: string;
  /** `undefined` unless it answers gRPC. */
  readonly grpcPort: number | undefined;
  readonly tally: Tally;
  /** Starts counts and the latency sequence again. */
  reset(): void;
  close(): Promise<void>;
}

/** One server that answers everything after a while: HTTP, and gRPC on demand. */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const { number, latencyOf, onTraceparent } = options;
  const tally = new Tally();
  let arrivals = 0;
  const arrive = ({ path, fixedMs, traceparent }: Visit): Arrival => {
    const arrival = arrivals++;
    if (traceparent !== undefined) onTraceparent?.(traceparent);
    return { backend: number, arrival, latencyMs: fixedMs ?? latencyOf(path)(number, arrival) };
  };
  const server = await listen((request, response) => {
    const url = new URL(request.url ?? '/', 'http://backend');
    tally.follow(`${String(request.method)} ${url.pathname}`, response);
    request.resume();
    const traceparent = request.headersDistinct.traceparent?.[0];
    const arrival = arrive({ path: url.pathname, fixedMs: parameter(url, 'ms'), traceparent });
    // Node's timers know whole milliseconds only. Rounding leaves the distribution where it is, give or take one of them.
    const timer = setTimeout(() => answer(response, url, arrival), Math.round(arrival.latencyMs));
    response.once('close', () => clearTimeout(timer));
  });
  // Only on demand: gRPC takes a while to load.
  const grpc = options.grpc ? await (await import('./grpc.js')).listenForGrpc(arrive, tally) : undefined;
  return {
    port: server.port,
    url: server.url,
    grpcPort: grpc?.port,
    tally,
    reset: () => {
      arrivals = 0;
      tally.reset();
    },
    close: () => {
      grpc?.close();
      return server.close();
    },
  };
}

function answer(response: ServerResponse, url: URL, body: Arrival): void {
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
