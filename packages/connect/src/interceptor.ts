import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import type { Interceptor } from '@connectrpc/connect';
import type { IneligibleReason } from '@hedgerow/core';
import { sendHedged, sendOnce, type CallSetup } from './call/call.js';
import { hedgeKey } from './hedge-key.js';
import { resolveOptions, type ConnectHedgeOptions, type ResolvedCallOptions } from './options.js';
import type { ConnectRequest } from './request/describe.js';

/**
 * A client interceptor for @connectrpc/connect that sends a backup copy of a slow call and passes on whichever copy answers first.
 *
 * ```ts
 * const transport = createConnectTransport({ baseUrl, httpVersion: '2', interceptors: [hedgedInterceptor()] });
 * ```
 *
 * Unary and server-streaming calls are hedged whose methods their schema declares free of side effects, and of those that you declare safe; all others, and all whose
 * client streams, go through untouched. Interceptors before it see one call, those after it every attempt. It is for transports, not for routers: a server has no use for it.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function hedgedInterceptor(options: ConnectHedgeOptions = {}): Interceptor {
  const { hedger, calls } = resolveOptions(options);

  return (next) => async (request) => {
    const setup: CallSetup = { hedger, request, next };
    const hedge = request.contextValues.get(hedgeKey);
    if (hedge === false) return sendOnce(setup, 'disabled');
    const callOptions = calls.of(hedge);
    const reason = whyNot(request, callOptions);
    return reason === undefined ? sendHedged(setup, callOptions) : sendOnce(setup, reason);
  };
}

function whyNot({ service, method }: ConnectRequest, { methods }: ResolvedCallOptions): IneligibleReason | undefined {
  // Not `IDEMPOTENT`, as PUT and DELETE are not hedged unasked either.
  if (method.idempotency !== MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS && !methods.has(service.typeName, method.name)) return 'method';
  const { methodKind } = method;
  return methodKind === 'client_streaming' || methodKind === 'bidi_streaming' ? 'body_not_replayable' : undefined;
}
