/**
 * What a POST asks for, so that those which only read are hedged: ready answers to option `describe`.
 *
 * @module @hedgerow/core/describe
 */
export { graphql } from './graphql.js';
export type { GraphqlOptions, PersistedOperation } from './graphql.js';
export type { OperationType } from './document.js';
export { jsonRpc } from './json-rpc.js';
export type { JsonRpcOptions } from './json-rpc.js';
