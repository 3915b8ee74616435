import type { InterceptorOptions, Metadata, NextCall } from '@grpc/grpc-js';
import type { HedgeRequest, RemoteProcedure, RequestBody } from '@hedgerow/core';
import { firstValue } from './metadata.js';

/** One call as grpc-js' interceptors hand it on. */
export type WireCall = ReturnType<NextCall>;

/** What the method of a call is, as grpc-js tells it. */
export type MethodDefinition = InterceptorOptions['method_definition'];

/** The procedure behind a path such as `/package.Service/Method`. */
export function procedureOf(path: string): RemoteProcedure {
  const slash = path.lastIndexOf('/');
  return { system: 'grpc', service: path.slice(path.startsWith('/') ? 1 : 0, slash), method: path.slice(slash + 1) };
}

/** Describes a call to the scheduler. `metadata` is missing while the caller has not started it. */
export function describeRequest(
  procedure: RemoteProcedure,
  origin: string,
  metadata: Metadata | undefined,
  body: RequestBody | undefined,
): HedgeRequest {
  return {
    method: 'POST',
    url: `${origin}/${procedure.service}/${procedure.method}`,
    header: (name) => firstValue(metadata, name),
    body,
    rpc: procedure,
  };
}

/**
 * Where a call goes, in the form of a URL: of `dns:///greeter:50051` it is `grpc://greeter:50051`. A call that has not been
 * started yet names its channel's target, which is what a budget is for: the addresses behind it come and go.
 */
export function originOf(call: WireCall): string {
  const target: unknown = call.getPeer();
  if (typeof target !== 'string') return 'grpc://';
  const name = target.replace(/^dns:(?:\/\/[^/]*\/)?/, '');
  return `grpc://${name.replace(/[/?#@%]/g, encodeURIComponent)}`;
}
