import type { Interceptor } from '@grpc/grpc-js';
import type { IneligibleReason, RemoteProcedure } from '@hedgerow/core';
import { BypassedCall } from './call/bypassed-call.js';
import { GrpcCall, raceUntil } from './call/call.js';
import { resolveOptions, type ResolvedCallOptions, type GrpcHedgeOptions } from './options.js';
import { describeRequest, originOf, procedureOf, type MethodDefinition } from './request/describe.js';

/**
 * A client interceptor for @grpc/grpc-js that sends a backup copy of a slow call and passes on whichever copy answers first.
 *
 * ```ts
 * const client = new Greeter(address, credentials, { interceptors: [hedgingInterceptor({ methods: ['greet.Greeter/Find'] })] });
 * ```
 *
 * Unary and server-streaming calls of the methods that you declare safe are hedged; all others, and all whose client streams,
 * go through untouched. Interceptors before it see one call, those after it every attempt.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function hedgingInterceptor(options: GrpcHedgeOptions = {}): Interceptor {
  const { hedger, calls } = resolveOptions(options);

  return (callOptions, nextCall) => {
    const { method_definition: definition, hedge } = callOptions;
    const hedgeOptions = hedge === false ? undefined : calls.of(hedge);
    const procedure = procedureOf(definition.path);
    const reason = whyNot(definition, procedure, hedgeOptions);
    const primary = nextCall(callOptions);
    if (hedgeOptions !== undefined && reason === undefined) {
      return new GrpcCall({ hedger, hedgeOptions, procedure, options: callOptions, nextCall, primary });
    }
    const request = describeRequest(procedure, originOf(primary), undefined, undefined);
    return new BypassedCall(primary, { hedger, request, reason: reason ?? 'disabled', raceUntil: raceUntil(definition) });
  };
}

function whyNot(definition: MethodDefinition, { service, method }: RemoteProcedure, hedgeOptions: ResolvedCallOptions | undefined): IneligibleReason | undefined {
  if (hedgeOptions === undefined) return 'disabled';
  if (!hedgeOptions.methods.has(service, method)) return 'method';
  return definition.requestStream ? 'body_not_replayable' : undefined;
}
