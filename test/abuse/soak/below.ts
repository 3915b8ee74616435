import { Agent, request as sendRequest, type AgentOptions, type ClientRequest, type RequestOptions } from 'node:http';
import { InterceptingCall, type Interceptor } from '@grpc/grpc-js';
import axios, { type AxiosAdapter } from 'axios';
import type { RequestFunction } from 'got';
import { fetch as undiciFetch, Headers, type Dispatcher } from 'undici';
import { CONTEXT } from './protocol.js';

// What stands below hedgerow, as tokens, tracing and tenants of other people's do: it writes into every attempt in whose context that was sent.

type Here = () => string;

type AddRequest = (request: ClientRequest, options: object) => void;

/** Of Node's own client, which axios and got use. */
export class WritingAgent extends Agent {
  private readonly here: Here;

  constructor(here: Here, options: AgentOptions) {
    super(options);
    this.here = here;
  }

  /** Asked by each request for a connection, as it is made. Not documented, and what every agent of other people's make replaces. */
  addRequest(request: ClientRequest, options: object): void {
    request.setHeader(CONTEXT, this.here());
    (Agent.prototype as unknown as { addRequest: AddRequest }).addRequest.call(this, request, options);
  }
}

export function writingAdapter(here: Here): AxiosAdapter {
  const send = axios.getAdapter('http');
  return (config) => {
    config.headers.set(CONTEXT, here());
    return send(config);
  };
}

/** As got's option `request`. */
export function writingRequest(here: Here): RequestFunction {
  return (url, options, callback) => {
    const request = sendRequest(url, options as RequestOptions, callback);
    request.setHeader(CONTEXT, here());
    return request;
  };
}

export function writingFetch(here: Here): typeof undiciFetch {
  return (input, init) => {
    const headers = new Headers(init?.headers);
    headers.set(CONTEXT, here());
    return undiciFetch(input, { ...init, headers });
  };
}

/** Of undici's dispatchers. */
export function writingDispatch(here: Here): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => dispatch({ ...options, headers: withContext(options.headers, here()) }, handler);
}

function withContext(headers: Dispatcher.DispatchOptions['headers'], context: string): string[] {
  const lines = Array.isArray(headers) ? headers : Object.entries(headers ?? {}).flatMap(([name, value]) => [name, String(value)]);
  return [...lines, CONTEXT, context];
}

/** Of gRPC. */
export function writingInterceptor(here: Here): Interceptor {
  return (options, nextCall) =>
    new InterceptingCall(nextCall(options), {
      start(metadata, listener, next) {
        metadata.set(CONTEXT, here());
        next(metadata, listener);
      },
    });
}
