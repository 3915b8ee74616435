import type { HedgeRequest } from '../call.js';
import type { IneligibleReason } from '../info.js';
import type { ResolvedHedgeOptions } from './resolved-options.js';

/** A request that may be sent twice, as option `describe` knows it; or why it may not. */
export function admit(request: HedgeRequest, options: ResolvedHedgeOptions): HedgeRequest | IneligibleReason {
  if (options.mode === 'off') return 'off';
  if (options.maxHedges === 0) return 'no_hedges';
  // What has a name of its own is no HTTP request.
  const describe = (request.key ?? request.rpc) === undefined ? options.describe : undefined;
  const early = describe === undefined ? harmOf(request, options) : undefined;
  if (early !== undefined) return early;
  if (request.body !== undefined) {
    if (!request.body.replayable) return 'body_not_replayable';
    if ((request.body.bytes ?? 0) > options.maxReplayBytes) return 'body_too_large';
  }
  const known = describe === undefined ? request : describe(request);
  if (known === 'describe') return known;
  const late = describe === undefined ? undefined : harmOf(known, options);
  if (late !== undefined) return late;
  return options.when !== undefined && !options.when(known) ? 'when' : known;
}

/** Why a second copy may do harm; `undefined`: it does none. */
function harmOf(request: HedgeRequest, options: ResolvedHedgeOptions): IneligibleReason | undefined {
  const { method, safe } = request;
  if (safe === false) return 'operation';
  if (safe === true || request.key !== undefined || options.methods.has(method) || options.methods.has(method.toUpperCase())) return undefined;
  return hasIdempotencyKey(request, options) ? undefined : 'method';
}

/** Whether the server promised to apply this request once, however often it comes. */
export function hasIdempotencyKey(request: HedgeRequest, options: ResolvedHedgeOptions): boolean {
  return options.idempotencyKey && Boolean(request.header?.('idempotency-key'));
}
