/**
 * For who writes an adapter of a client: what carries information about a call, what bodies and connections need, and what is secret.
 *
 * @module @hedgerow/core/adapter
 */
export { attachInfo, reserveInfo } from './info.js';
export { bypassInfo } from './race/bypass.js';
export { destroyBody, drainBody, firstChunkOf, isNodeStream, isWebStream, readCopy } from './adapter/bodies.js';
export type { NodeStream } from './adapter/bodies.js';
export { Resets } from './adapter/resets.js';
export type { UnwantedStream } from './adapter/resets.js';
export { holdsSecret, isSecretName, plainName, unescaped } from './adapter/secrets.js';
export { detached } from './common/detached.js';
