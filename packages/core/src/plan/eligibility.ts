import type { HedgeRequest } from '../call.js';
import type { IneligibleReason } from '../info.js';
import type { ResolvedHedgeOptions } from './resolved-options.js';

/** Why a request may not be sent twice; `undefined` if it may. */
export function ineligibleReason(request: HedgeRequest, options: ResolvedHedgeOptions): IneligibleReason | undefined {
  if (options.mode === 'off') return 'off';
  if (options.maxHedges === 0) return 'no_hedges';
  if (!isIdempotent(request, options)) return 'method';
  if (request.body !== undefined) {
    if (!request.body.replayable) return 'body_not_replayable';
    if ((request.body.bytes ?? 0) > options.maxReplayBytes) return 'body_too_large';
  }
  if (options.when !== undefined && !options.when(request)) return 'when';
  return undefined;
}

function isIdempotent(request: HedgeRequest, options: ResolvedHedgeOptions): boolean {
  const { method } = request;
  return request.key !== undefined || options.methods.has(method) || options.methods.has(method.toUpperCase()) || hasIdempotencyKey(request, options);
}

/** Whether the server promised to apply this request once, however often it comes. */
export function hasIdempotencyKey(request: HedgeRequest, options: ResolvedHedgeOptions): boolean {
  return options.idempotencyKey && Boolean(request.header?.('idempotency-key'));
}
