import type { Describe, RequestDescription } from '../options/options.js';
import * as check from '../options/validate.js';
import { isObject, listOrObject } from './sent.js';

/** Options of {@link jsonRpc}. */
export interface JsonRpcOptions {
  /** Methods that may be called twice, such as `eth_call`. Any other is not hedged. */
  readonly methods: readonly string[];
}

/**
 * Tells JSON-RPC calls that may be made twice, by their method, for option `describe`; each method is a route of its own. A batch is safe if all in it are. What is no JSON-RPC is left to its own
 * HTTP method.
 *
 * ```ts
 * const fetch = hedgedFetch({ describe: jsonRpc({ methods: ['eth_call', 'eth_blockNumber'] }) });
 * ```
 *
 * @throws TypeError that names the option, what was expected and what came.
 */
export function jsonRpc(options: JsonRpcOptions): Describe {
  check.checkObject('options', options, ['methods']);
  const methods = new Set(check.checkStrings('methods', options.methods));
  return ({ body }) => {
    const text = body?.text?.();
    const sent = text === undefined ? undefined : listOrObject(text);
    const calls: readonly unknown[] = Array.isArray(sent) ? sent : [sent];
    if (!calls.some(isCall)) return undefined;
    const names = calls.map((call) => (isCall(call) && typeof call.method === 'string' && methods.has(call.method) ? call.method : undefined));
    return describe(names, Array.isArray(sent));
  };
}

function isCall(value: unknown): value is { readonly jsonrpc: unknown; readonly method?: unknown } {
  return isObject(value) && value.jsonrpc !== undefined;
}

/** @param names - methods, `undefined` for each that may not be called twice. */
function describe(names: readonly (string | undefined)[], isBatch: boolean): RequestDescription {
  const [name] = names;
  if (name === undefined || names.includes(undefined)) return { safe: false };
  if (names.some((other) => other !== name)) return { operation: 'batch', safe: true, attributes: { 'rpc.system': 'jsonrpc' } };
  return { operation: isBatch ? `${name} batch` : name, safe: true, attributes: { 'rpc.system': 'jsonrpc', 'rpc.method': name } };
}
