import { Agent as HttpAgent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, Metadata, type Client, type ClientReadableStream, type ClientUnaryCall, type ServiceError } from '@grpc/grpc-js';
import { hedgedAdapter } from '@hedgerow/axios';
import { Hedger, type HedgerOptions } from '@hedgerow/core';
import { hedgedFetch, hedgeInterceptor } from '@hedgerow/fetch';
import { createHedgePlugin } from '@hedgerow/got';
import { hedgingInterceptor } from '@hedgerow/grpc';
import type { AxiosError} from 'axios';
import axios, { type AxiosInstance } from 'axios';
import got, { HTTPError, type Got } from 'got';
import { Agent, fetch as undiciFetch, request as undiciRequest, type Dispatcher } from 'undici';
import { contractProto, contractService, type AnswerKind, type AnswerMessage } from '../../support/contract-proto.js';
import { failed, ok, type Ending, type SoakClient, type SoakRequest } from './client.js';
import { DRAINED, isThrottled } from './fates.js';
import type { Hello } from './protocol.js';

/** Every Hedger's budget. */
export const budget = { ratio: 0.1, burst: 10 } as const;
const MOST_REDIRECTS = 5;

export function makeClients(): SoakClient[] {
  const shared = make({});
  const learning = make({});
  return [
    axiosClient('axios', shared),
    gotClient('got', shared),
    axiosClient('axios, two hedges', make({ delay: [4, 12], hedgeOnFailure: true })),
    // As many hedges as the budget gives.
    gotClient('got, body, two hedges', make({ delay: [0, 12], raceUntil: 'body', budget: { ...budget, brake: false } })),
    fetchClient('fetch', learning),
    fetchClient('fetch, body', make({ delay: 8, raceUntil: 'body', hedgeOnFailure: true })),
    fetchClient('fetch, losers drained', make({ delay: 8, losers: 'drain' })),
    undiciClient('undici', make({})),
    undiciClient('undici, body', make({ delay: 8, raceUntil: 'body' })),
    grpcClient('gRPC unary', make({}), 'Unary'),
    grpcClient('gRPC stream', make({ delay: 8 }), 'Stream'),
  ];
}

function make(options: HedgerOptions): Hedger {
  return new Hedger({ budget, markerHeader: true, ...options });
}

function urlOf(servers: Hello | undefined, call: number): string {
  return `${String(isThrottled(call) ? servers?.throttled : servers?.http)}/soak/${call}`;
}

function headersOf(call: number): { call: string } {
  return { call: String(call) };
}

function axiosClient(name: string, hedger: Hedger): SoakClient {
  let agent = new HttpAgent();
  let client: AxiosInstance;
  let servers: Hello | undefined;
  return {
    name,
    racesTo: 'body',
    protocol: 'http',
    redirects: 'within attempts',
    hedger,
    open(hello) {
      servers = hello;
      agent = new HttpAgent({ keepAlive: true });
      client = axios.create({ adapter: hedgedAdapter({ hedger }), httpAgent: agent, proxy: false, responseType: 'arraybuffer', maxRedirects: MOST_REDIRECTS });
    },
    async ask({ call, signal, timeoutMs }) {
      try {
        const { data } = await client.get<Uint8Array>(urlOf(servers, call), { signal, headers: headersOf(call), timeout: timeoutMs ?? 0 });
        return ok(data);
      } catch (error) {
        const { response } = error as AxiosError<Uint8Array | undefined>;
        return failed(error, response?.status, response?.data);
      }
    },
    close: () => closeAgent(agent),
  };
}

function gotClient(name: string, hedger: Hedger): SoakClient {
  let agent = new HttpAgent();
  let client: Got;
  let servers: Hello | undefined;
  return {
    name,
    racesTo: name.includes('body') ? 'body' : 'head',
    protocol: 'http',
    redirects: 'as calls',
    hedger,
    open(hello) {
      servers = hello;
      agent = new HttpAgent({ keepAlive: true });
      client = got.extend(createHedgePlugin({ hedger }), { agent: { http: agent }, retry: { limit: 0 }, maxRedirects: MOST_REDIRECTS });
    },
    async ask({ call, signal, timeoutMs }) {
      const timeout = timeoutMs === undefined ? {} : { timeout: { request: timeoutMs } };
      try {
        return ok(await client(urlOf(servers, call), { signal, headers: headersOf(call), ...timeout }).buffer());
      } catch (error) {
        return error instanceof HTTPError ? failed(error, error.response.statusCode, error.response.rawBody) : failed(error);
      }
    },
    close: () => closeAgent(agent),
  };
}

/**
 * Only pooled sockets, also those that come back to the pool now, because a loser's body was still being read: those that stay in
 * use would be leaked ones, and are to be found.
 */
async function closeAgent(agent: HttpAgent): Promise<void> {
  for (let round = 0; round < 30; round++) {
    for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
    if (Object.keys(agent.sockets).length === 0) return;
    await sleep(100);
  }
}

function fetchClient(name: string, hedger: Hedger): SoakClient {
  let dispatcher = new Agent();
  let servers: Hello | undefined;
  const send = hedgedFetch(undiciFetch, { hedger });
  const drained = name.includes('drained') ? { [DRAINED]: '1' } : {};
  return {
    name,
    racesTo: name.includes('body') ? 'body' : 'head',
    protocol: 'http',
    redirects: 'within attempts',
    hedger,
    open(hello) {
      servers = hello;
      dispatcher = new Agent();
    },
    async ask({ call, signal, timeoutMs }) {
      const own = timeoutMs === undefined ? signal : AbortSignal.timeout(timeoutMs);
      try {
        const response = await send(urlOf(servers, call), { signal: own, headers: { ...headersOf(call), ...drained }, dispatcher });
        const bytes = new Uint8Array(await response.arrayBuffer());
        return response.ok ? ok(bytes) : failed(undefined, response.status, bytes);
      } catch (error) {
        return failed(error);
      }
    },
    close: () => closeDispatcher(dispatcher),
  };
}

function undiciClient(name: string, hedger: Hedger): SoakClient {
  let agent = new Agent();
  let dispatcher: Dispatcher = agent;
  let servers: Hello | undefined;
  return {
    name,
    racesTo: name.includes('body') ? 'body' : 'head',
    protocol: 'http',
    redirects: 'not at all',
    hedger,
    open(hello) {
      servers = hello;
      agent = new Agent();
      dispatcher = agent.compose(hedgeInterceptor({ hedger }));
    },
    async ask({ call, signal, timeoutMs }) {
      const own = timeoutMs === undefined ? signal : AbortSignal.timeout(timeoutMs);
      try {
        const { body, statusCode } = await undiciRequest(urlOf(servers, call), { signal: own, headers: headersOf(call), dispatcher });
        const bytes = new Uint8Array(await body.arrayBuffer());
        return statusCode === 200 ? ok(bytes) : failed(undefined, statusCode, bytes);
      } catch (error) {
        return failed(error);
      }
    },
    close: () => closeDispatcher(agent),
  };
}

/** Waits for requests under way: were one leaked, its socket would be found. */
function closeDispatcher(agent: Agent): Promise<void> {
  return Promise.race([agent.close(), new Promise<void>((resolve) => setTimeout(resolve, 5_000).unref())]);
}

/** Connections of each gRPC client. */
const CHANNELS = 3;

type Procedure = (this: Client, ...args: unknown[]) => ClientUnaryCall & ClientReadableStream<AnswerMessage>;

function grpcClient(name: string, hedger: Hedger, kind: AnswerKind): SoakClient {
  let stubs: Client[] = [];
  const interceptor = hedgingInterceptor({ hedger, proto: contractProto });
  const Stub = contractService(kind);
  return {
    name,
    racesTo: kind === 'Unary' ? 'body' : 'head',
    protocol: 'grpc',
    redirects: 'within attempts',
    hedger,
    open({ grpc }) {
      const options = { interceptors: [interceptor], 'grpc.use_local_subchannel_pool': 1 };
      stubs = Array.from({ length: CHANNELS }, () => new Stub(grpc, credentials.createInsecure(), options));
    },
    ask: (request) => {
      const stub = stubs[request.call % CHANNELS];
      return stub === undefined ? Promise.resolve(failed(new Error('it is closed'))) : askGrpc(stub, request, kind);
    },
    close() {
      for (const stub of stubs) stub.close();
      return Promise.resolve();
    },
  };
}

function askGrpc(stub: Client, { call, signal, timeoutMs }: SoakRequest, kind: AnswerKind): Promise<Ending> {
  const metadata = new Metadata();
  metadata.set('call', String(call));
  const options = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
  const procedure = (stub as unknown as { readonly GET: Procedure }).GET;
  return new Promise<Ending>((resolve, reject) => {
    let endings = 0;
    const end = (ending: Ending): void => {
      signal.removeEventListener('abort', cancel);
      // A promise would hide a second one.
      if (++endings > 1) reject(new Error(`call ${call} of gRPC ended ${endings} times`));
      else resolve(ending);
    };
    const fail = (error: ServiceError): void => end(failed(error, undefined, error.details));
    const message = { path: `/soak/${call}`, body: Buffer.alloc(0) };
    const sent = procedure.call(stub, message, metadata, options, ...(kind === 'Unary' ? [answered] : []));
    if (kind === 'Stream') {
      const pieces: Uint8Array[] = [];
      sent.on('data', ({ data }: AnswerMessage) => void pieces.push(data));
      sent.once('error', fail);
      sent.once('status', ({ code }: { readonly code: number }) => (code === 0 ? sent.once('end', () => end(ok(Buffer.concat(pieces)))) : undefined));
    }
    signal.addEventListener('abort', cancel);

    function answered(error: ServiceError | null, answer?: AnswerMessage): void {
      if (error) fail(error);
      else end(ok(answer?.data ?? Buffer.alloc(0)));
    }

    function cancel(): void {
      sent.cancel();
    }
  });
}
