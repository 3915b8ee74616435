/**
 * For who writes an adapter of a client: what carries information about a call, what options, callers, bodies and connections need, and what is secret.
 *
 * @module @hedgerow/core/adapter
 */
export { attachInfo, reserveInfo } from './info.js';
export { bypassInfo, sendUnsupported } from './race/bypass.js';
export { CallerAbort } from './adapter/caller-abort.js';
export { hedgerFor } from './hedger.js';
export type { AdapterHedger } from './hedger.js';
export { checkClientOptions } from './options/client-options.js';
export type { ClientWords } from './options/client-options.js';
export { hasRoomFor, isConnecting, limitedPool } from './adapter/agent-pool.js';
export type { AgentPool } from './adapter/agent-pool.js';
export { bytesBody, bytesOfText, MeasuredBody, textBody } from './adapter/measured-body.js';
export { destroyBody, drainBody, firstChunkOf, isNodeStream, isWebStream, MOST_READ_BYTES, readCopy, untilOf, watchedStream } from './adapter/bodies.js';
export type { NodeStream, Until } from './adapter/bodies.js';
export { Resets } from './adapter/resets.js';
export type { UnwantedStream } from './adapter/resets.js';
export { ProcedureOptions, refuseHttpOnly } from './adapter/procedures.js';
export type { MethodSet, ProcedureHedgeOptions, ProcedureWords, ResolvedProcedureOptions } from './adapter/procedures.js';
export { PREVIOUS_ATTEMPTS, PUSHBACK, pushbackMsOf } from './adapter/status-codes.js';
export { holdsSecret, isSecretName, plainName, unescaped } from './adapter/secrets.js';
export { detached } from './common/detached.js';
